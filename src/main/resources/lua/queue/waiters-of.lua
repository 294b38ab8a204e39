-- What POSIX owners wait for in this bucket: at most 16 requests of each, of its first 64 entries.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters queue waiting_due
-- @argv request deadline mark owners...
-- @answer waiters time (id left row)...
-- @answer mark time found | epoch time found
-- @include text (format, sub)
-- @include clock (now, now_text, begin_reading)
-- @include waiters (wait_until_of, asked_of, WAITERS, is_waiting)
-- @column listed_id -51 -36
local stale = begin_reading()
if stale then return stale end
local reply = { 'waiters', now_text }
for i = PLACE.owners, #ARGV do
  local prefix, room = 'O' .. ARGV[i], 16
  -- Spaces begin with a digit, and ':' comes behind the last of these.
  local entries = call('ZRANGEBYLEX', KEYS.queue, '[' .. prefix .. '0', '(' .. prefix .. ':', 'LIMIT', '0', '64')
  for j = 1, #entries do
    local id = listed_id_of(entries[j])
    local waiter = room > 0 and call('HGET', WAITERS, id)
    if is_waiting(waiter) then
      local n = #reply
      reply[n + 1], reply[n + 2] = id, format('%d', tonumber(wait_until_of(waiter)) - now)
      reply[n + 3] = asked_of(waiter)
      room = room - 1
    end
  end
end
return reply
