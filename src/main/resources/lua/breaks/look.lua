-- A lock that may be broken, and who would be granted what became free. Changes nothing.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @keys break_due
-- At most so many requests are named.
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol id most
-- Whether there may be more that would be granted; the lock; the requests.
-- @answer stands time more id row (id left row)...
-- @answer none time
-- It is in another space.
-- @answer elsewhere time space
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include rows (token_of, told)
-- @include lookup (find_live)
local answer = begin_reading()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function look()
  -- @include breaks (breaks)
  local id, row = find_live(ARGV.id)
  if not id then return { 'none', now_text } end
  local elsewhere = breaks.other_space_of(row)
  if elsewhere then return { 'elsewhere', now_text, elsewhere } end
  breaks.take_away(breaks.rows_of(id, token_of(row)))
  local reply = { 'stands', now_text, '0', id, told(row) }
  if breaks.add_next(reply, tonumber(ARGV.most)) then reply[3] = '1' end
  return reply
end

return look()
