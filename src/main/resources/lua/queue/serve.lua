-- Goes on to serve a queue that one script could not serve to its end.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- @argv which_queue
-- Whether that was all (0 or 1).
-- @answer served time whole
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin, keep_clock, finish)
-- @include waiters (WAITERS)
local answer = begin()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function go_on()
  -- @include opens (SPACE)
  -- @include queue (serve, wake)
  local member = 'V' .. ARGV.which_queue .. SPACE
  local kept = call('HGET', WAITERS, member)
  if not kept then return { 'served', now_text, '1' } end
  local behind, lo, hi = match(kept, '^(%x*) (%x+) (%x+)$')
  keep_clock()
  call('HDEL', WAITERS, member)
  call('ZREM', KEYS.waiting_due, member)
  serve(ARGV.which_queue, lo, hi, behind)
  wake()
  return finish({ 'served', now_text, call('HGET', WAITERS, member) and '0' or '1' })
end

return go_on()
