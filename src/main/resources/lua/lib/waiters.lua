-- Requests that wait, and what was granted to them, one field of a hash each:
--
--   <id>        the waiter: columns first, then the row of the lock that it asks for (rows.lua)
--   G<number>   the id of the waiter to which that grant id was given, until the grant is confirmed or lost
--   D<id>       of one that was refused because of a deadlock: the waiters of the cycle (bucket, tab, id, tab, row), a
--               line feed between them
--   V<queue><space>   how far a queue has been served: id of the waiter before, and the bytes that became free
--
-- A number is drawn for each when it comes, and is its id and its place in the order of arrival.
-- @include text (sub)
-- @include clock (lease_now)
-- @include rows (lifetime_of, session_of, told)
-- @include copies (live_copy)
-- w waits, p granted and not confirmed, g confirmed, t its time ran out, s its session ended, l lost: not confirmed in
-- time, d refused because of a deadlock
-- @column state 1 1
-- Until when it waits, ms.
-- @column wait_until 2 14
-- Until when somebody must poll it (w) or confirm it (p), or how long the outcome is told, ms.
-- @column next_at 15 27
-- The id of its grant, zeros while it has none.
-- @column granted_id 28 43
-- Length of the lease that it asks for, ms, zeros for none.
-- @column asked_lease 44 51
-- The row. Its column "provisional" is w while it waits.
-- @column asked 52
local WAITERS = KEYS.waiters
local POLL_WITHIN_MS = 30000

local function has_live_session(row)
  return lifetime_of(row) ~= 's' or live_copy(session_of(row)) ~= nil
end

-- Whether it waits, and not in vain: only then it holds others back.
local function is_waiting(waiter)
  return waiter and state_of(waiter) == 'w' and wait_until_of(waiter) > lease_now and next_at_of(waiter) > lease_now
    and has_live_session(asked_of(waiter))
end

-- Whether it was granted, and may still be confirmed: only then it keeps others away.
local function is_provisional(waiter)
  return waiter and state_of(waiter) == 'p' and next_at_of(waiter) > lease_now and has_live_session(asked_of(waiter))
end

-- The waiter, and its id, to whom a provisional grant was given that may still be confirmed.
local function granted_waiter(number)
  local id = call('HGET', WAITERS, 'G' .. number)
  local waiter = id and call('HGET', WAITERS, id)
  if is_provisional(waiter) then return waiter, id end
end

-- The row as it is told; of a provisional grant with the time by which it must be confirmed in one more field.
local function told_waiter(waiter)
  local row = told(asked_of(waiter))
  return state_of(waiter) == 'p' and row .. '\t' .. next_at_of(waiter) or row
end

-- What a blocker is called by: a provisional grant by its grant id.
local function told_id(id, waiter)
  return state_of(waiter) == 'p' and granted_id_of(waiter) or id
end
