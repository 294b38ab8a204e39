-- Looks at a bucket's clock, and suspends or resumes the end of its leases after a jump of the server's clock.
-- KEYS: meta, result
-- ARGV: 1-3 see clock, 4 look|hold|resume, 5 how far the server's clock jumped, ms (negative: back),
--       6 for how long to hold, ms
-- meta's hold is <from> <until> <jump> in ms of the server's clock; a time outside [from, until) holds nothing.
-- Answers how far the bucket's clock is ahead of the server's, ms, and whether leases are held.
-- @include clock
local answer = begin_reading()
if answer then return answer end

local REMEMBERED_MS = 600000
local jump = tonumber(ARGV[5])

-- Several gateways see one jump, each in its own time: together they hold leases once.
local function is_known()
  return hold and math.abs(hold[3] - jump) <= 2000 and server_now >= hold[1] and server_now < hold[1] + REMEMBERED_MS
end

if ARGV[4] == 'hold' and not is_known() then
  local till = server_now + tonumber(ARGV[6])
  held = true
  wrote = true
  call('HSET', META, 'hold', format('%d %d %d', server_now, till, jump))
  -- Scripts between the jump and now have brought the bucket's clock along; back it would stand still for as long.
  local before = server_now - jump
  if jump > 0 and seen > before then call('HSET', META, 'clock', format('%d', before)) end
elseif hold and (ARGV[4] == 'resume' or server_now < hold[1] or server_now >= hold[1] + REMEMBERED_MS) then
  held = false
  wrote = true
  call('HDEL', META, 'hold')
end
return { 'looked', now_text, format('%d', math.max(seen - server_now, 0)), held and '1' or '0' }
