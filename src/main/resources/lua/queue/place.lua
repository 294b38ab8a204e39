-- The place of a waiter in its queue, and what it waits for.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol id
-- The position is the number of earlier waiters that it conflicts with.
-- @answer place time position (id row)...
-- It does not wait any more.
-- @answer none time
-- Expired grants lay in the way and are deleted now: ask again.
-- @answer again time
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now_text, begin_reading)
-- @include rows (told)
-- @include waiters (WAITERS, is_waiting)
local stale = begin_reading()
if stale then return stale end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function look()
  -- @include queue (request_of_waiter, in_the_way, position_of, purge_and_retry)
  local waiter = call('HGET', WAITERS, ARGV.id)
  if not is_waiting(waiter) then return { 'none', now_text } end
  local op = request_of_waiter(waiter)
  local found = in_the_way(op, ARGV.id)
  if not found then return purge_and_retry() end
  local reply = { 'place', now_text, format('%d', position_of(ARGV.id, op)) }
  for i = 1, #found do
    reply[#reply + 1] = found[i][2]
    reply[#reply + 1] = told(found[i][3])
  end
  return reply
end

return look()
