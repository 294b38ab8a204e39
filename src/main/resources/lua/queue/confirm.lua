-- Confirms a provisional grant: the lock is acquired, and merged with what its owner holds. Nobody can be in its way.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- Id of the grant; the length of a new lease, or empty.
-- @argv id principal protocol lease_ms
-- What others took of the lock that it merges with is told by the next renewal.
-- @answer renewed time id row whether_more losses
-- It is not leased; it was not confirmed in time; it is another's.
-- @answer unleased time | lost time | unknown time
-- Its handle has expired grants, which are deleted now: ask again.
-- @answer again time
-- @answer late time | mark time found | epoch time found
-- @include clock (now_text, begin, finish)
-- @include rows (protocol_of, lifetime_of, before_aliased, after_aliased, TAIL, told, principal_of)
-- @include waiters (asked_of, granted_waiter)
local answer = begin()
if answer then return answer end

-- Inside a function, because one function of Lua has 200 local variables at most.
local function confirm()
  -- @include plan (after, change)
  -- @include opens (opens)
  -- @include aliases (add_alias)
  -- @include ranges (acquire)
  -- @include changes (confirms)
  -- @include queue (request_of_waiter, commit_and_serve, purge_and_retry, end_waiting, wake)
  local number = ARGV.id
  local waiter, id = granted_waiter(number)
  if not waiter then return { 'lost', now_text } end
  local asked = asked_of(waiter)
  if principal_of(asked, TAIL) ~= ARGV.principal or protocol_of(asked) ~= ARGV.protocol then
    return { 'unknown', now_text }
  end
  if ARGV.lease_ms ~= '' and lifetime_of(asked) ~= 'l' then return { 'unleased', now_text } end

  local op = request_of_waiter(waiter)
  if ARGV.lease_ms ~= '' then op.lease = tonumber(ARGV.lease_ms) end
  op.number = number
  if not opens.begins_anew(op) then return purge_and_retry() end
  local granted_id = acquire(op)
  if granted_id ~= number then
    local row = after[granted_id]
    add_alias('i' .. number, granted_id)
    add_alias('t' .. number, granted_id)
    change(granted_id, row, before_aliased(row) .. '1' .. after_aliased(row))
  end
  local reply = { 'renewed', now_text, granted_id, told(after[granted_id]), '0', '' }
  confirms(granted_id, id)
  commit_and_serve()
  -- Behind the row, which keeps others away from now on.
  end_waiting(id, waiter, 'g', granted_id)
  wake()
  return finish(reply)
end

return confirm()
