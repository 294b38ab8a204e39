-- Looks at a bucket's clock, and suspends or resumes the end of its leases after a jump of the server's clock.
-- @keys meta result
-- The step is look, hold or resume; the jump says how far the server's clock jumped (negative: back), the other for
-- how long no lease ends.
-- @argv request deadline mark step jump_ms suspend_ms
-- How far the bucket's clock is ahead of the server's, and whether leases are suspended.
-- @answer looked time ahead_ms suspended
-- @answer mark time found | epoch time found
-- meta's hold is <from> <until> <jump> in ms of the server's clock; a time outside [from, until) suspends nothing.
-- @include text (format)
-- @include clock (META, now_text, server_now, seen, hold, suspended, begin_reading)
local answer = begin_reading()
if answer then return answer end

local REMEMBERED_MS = 600000
local jump, is_suspended = tonumber(ARGV.jump_ms), suspended

-- Several gateways see one jump, each in its own time: together they suspend leases once.
local function is_known()
  return hold and math.abs(hold[3] - jump) <= 2000 and server_now >= hold[1] and server_now < hold[1] + REMEMBERED_MS
end

if ARGV.step == 'hold' and not is_known() then
  local till = server_now + tonumber(ARGV.suspend_ms)
  is_suspended = true
  wrote = true
  call('HSET', META, 'hold', format('%d %d %d', server_now, till, jump))
  -- Scripts between the jump and now have brought the bucket's clock along; back it would stand still for as long.
  local before = server_now - jump
  if jump > 0 and seen > before then call('HSET', META, 'clock', format('%d', before)) end
elseif hold and (ARGV.step == 'resume' or server_now < hold[1] or server_now >= hold[1] + REMEMBERED_MS) then
  is_suspended = false
  wrote = true
  call('HDEL', META, 'hold')
end
return { 'looked', now_text, format('%d', math.max(seen - server_now, 0)), is_suspended and '1' or '0' }
