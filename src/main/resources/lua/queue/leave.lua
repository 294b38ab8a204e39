-- Takes waiters of one space away, or gives back what was granted to them and is not confirmed; serves the next.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- Which is asked (ids are of waiters), granted (of provisional grants), due (of waiters that have nothing to wait for
-- any more, or whose outcome has been told for long enough) or deadlocked (of a waiter that is refused if it waits
-- still, and is told the cycle). The principal is empty for anybody's. At most as many ids as the batch size.
-- @argv which principal cycle ids...
-- @answer left time waiters
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now_text, lease_now, begin, keep_clock, finish)
-- @include rows (TAIL, principal_of)
-- @include waiters (state_of, wait_until_of, next_at_of, asked_of, WAITERS, has_live_session, is_waiting)
local answer = begin()
if answer then return answer end

-- Inside a function, because one function of Lua has 200 local variables at most.
local function leave()
  -- @include queue (note_freed, serve_freed, end_waiting)
  local due, left = ARGV.which == 'due', 0

  -- How the waiting ends of one that is due: an outcome, or nil for none; and whether it ends at all.
  local function outcome_of(waiter)
    local state = state_of(waiter)
    if state == 'w' then
      if not has_live_session(asked_of(waiter)) then return 's', true end
      if wait_until_of(waiter) <= lease_now then return 't', true end
      return nil, next_at_of(waiter) <= lease_now
    elseif state == 'p' then
      if not has_live_session(asked_of(waiter)) then return 's', true end
      if next_at_of(waiter) <= lease_now then return 'l', true end
    end
    return nil, false
  end

  keep_clock()
  for i = PLACE.ids, #ARGV do
    local id = ARGV[i]
    if ARGV.which == 'granted' then id = call('HGET', WAITERS, 'G' .. id) or '' end
    local waiter = call('HGET', WAITERS, id)
    local state = waiter and state_of(waiter)
    if not waiter then
      call('ZREM', KEYS.waiting_due, id)
    elseif state == 'w' or state == 'p' then
      local outcome, ends = outcome_of(waiter)
      if not due then
        outcome = ARGV.which == 'granted' and 'l' or ARGV.which == 'deadlocked' and 'd' or nil
        ends = ARGV.principal == '' or principal_of(asked_of(waiter), TAIL) == ARGV.principal
        if outcome == 'd' then ends = is_waiting(waiter) end
      end
      if ends then
        if outcome == 'd' then call('HSET', WAITERS, 'D' .. id, ARGV.cycle) end
        end_waiting(id, waiter, outcome)
        note_freed(asked_of(waiter))
        left = left + 1
      elseif due then
        local at = next_at_of(waiter)
        if state == 'w' and wait_until_of(waiter) < at then at = wait_until_of(waiter) end
        call('ZADD', KEYS.waiting_due, at, id)
      end
    elseif due and next_at_of(waiter) <= lease_now then
      call('HDEL', WAITERS, id, 'D' .. id)
      call('ZREM', KEYS.waiting_due, id)
    end
  end
  serve_freed()
  return finish({ 'left', now_text, format('%d', left) })
end

return leave()
