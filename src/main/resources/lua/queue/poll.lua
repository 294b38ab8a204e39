-- Where waiters of this bucket stand; a poll also keeps their turn.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters queue waiting_due
-- Polls is 1, or 0 to look only; the principal is empty for anybody's.
-- @argv request deadline mark polls principal ids...
-- A state is w (and the row), p or g (and the grant), t (and the row), s (and the session), d (and the cycle), l, or
-- n: there is none of that id, or it is another's. Both times left are in ms: for which it waits, and within which
-- somebody must poll it.
-- @answer waiters time (state left poll_left id row)...
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, lease_now, begin_reading, keep_clock)
-- @include rows (TAIL, told, principal_of, session_of)
-- @include lookup (find_live)
-- @include waiters (state_of, wait_until_of, before_next_at, after_next_at, granted_id_of, asked_of, WAITERS,
--   POLL_WITHIN_MS, has_live_session, is_waiting, is_provisional, told_waiter, next_at_of)
local stale = begin_reading()
if stale then return stale end
local polls, principal = ARGV.polls == '1', ARGV.principal
local reply = { 'waiters', now_text }

local function answer(state, left, poll_left, id, row)
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4], reply[n + 5] = state, left, poll_left, id, row
end

local function time_left(till)
  return format('%d', math.max(0, tonumber(till) - now))
end

-- One that waits in vain, or was not confirmed in time, is told the outcome that leave.lua will find.
local function tell(id, waiter)
  local state, row = state_of(waiter), asked_of(waiter)
  local left = time_left(wait_until_of(waiter))
  if (state == 'w' or state == 'p') and not has_live_session(row) then state = 's' end
  if state == 'w' and not is_waiting(waiter) then state = wait_until_of(waiter) <= lease_now and 't' or 'n' end
  if state == 'p' and not is_provisional(waiter) then state = 'l' end
  if state == 'w' then
    local poll_until = next_at_of(waiter)
    if polls then
      poll_until = format('%013d', now + POLL_WITHIN_MS)
      keep_clock()
      call('HSET', WAITERS, id, before_next_at(waiter) .. poll_until .. after_next_at(waiter))
      call('ZADD', KEYS.waiting_due, poll_until < wait_until_of(waiter) and poll_until or wait_until_of(waiter), id)
    end
    return answer('w', left, time_left(poll_until), id, row)
  elseif state == 'p' then
    return answer('p', left, '0', granted_id_of(waiter), told_waiter(waiter))
  elseif next_at_of(waiter) <= lease_now and state == state_of(waiter) then
    return answer('n', '0', '0', id, '')
  elseif state == 'g' then
    local granted_id, granted = find_live(granted_id_of(waiter))
    if granted then return answer('g', left, '0', granted_id, told(granted)) end
    return answer('l', left, '0', id, '')
  elseif state == 'd' then
    local cycle = call('HGET', WAITERS, 'D' .. id)
    if not cycle then return error('a waiter was refused without a cycle (lockgate --repair): ' .. id) end
    return answer('d', left, '0', id, cycle)
  end
  return answer(state, left, '0', id, state == 's' and session_of(row) or state == 't' and row or '')
end

for i = PLACE.ids, #ARGV do
  local waiter = call('HGET', WAITERS, ARGV[i])
  if waiter and (principal == '' or principal_of(asked_of(waiter), TAIL) == principal) then
    tell(ARGV[i], waiter)
  else
    answer('n', '0', '0', ARGV[i], '')
  end
end
return reply
