-- Says which grants and waiters stand in the way of a lock, and acquires nothing. (It deletes expired grants where too
-- many lie in the way.)
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol <lock>
-- @answer free time
-- @answer refused time whether_more (id row)...
-- The lock is for a session of which this bucket has no copy; which has ended; or which is another principal's.
-- @answer unregistered time session | ended time session | foreign time session
-- Expired grants lay in the way and are deleted now: ask again.
-- @answer again time
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include request (read_lock)
local answer = begin_reading()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function test()
  -- @include enter (enter_session)
  -- @include conflicts (refusal)
  -- @include queue (in_the_way, purge_and_retry)
  local op = read_lock(PLACE.lock)
  answer = op.session ~= '' and enter_session(op)
  if answer then return answer end
  local found, more = in_the_way(op)
  if not found then return purge_and_retry() end
  if #found > 0 then return refusal(found, more) end
  return { 'free', now_text }
end

return test()
