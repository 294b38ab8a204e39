-- What sweeps do for breaks: tells the orders that are due, and forgets what cannot be taken back any more.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys break_due
-- @argv request deadline mark how_many
-- Whether there are more; the id that was named, the token, and the space.
-- @answer due time more (id token space)...
-- @answer late time | mark time found | epoch time found
-- @include text (format, sub)
-- @include clock (now, now_text, lease_now, begin, keep_clock, finish)
-- @include lookup (find_live)
-- @column field_kind 1 1
-- @column field_number 2
-- @column order_id 14 29
-- @column order_space 30
local answer = begin()
if answer then return answer end
local LOOKED_AT_AGAIN_MS = 86400000

local fields = call('ZRANGEBYSCORE', KEYS.break_due, '-inf', lease_now, 'LIMIT', '0', ARGV.how_many)
local reply = { 'due', now_text, #fields == tonumber(ARGV.how_many) and '1' or '0' }
if #fields == 0 then return reply end
keep_clock()
for i = 1, #fields do
  local field = fields[i]
  local number = field_number_of(field)
  local order = field_kind_of(field) == 'N' and call('HGET', KEYS.breaks, field)
  if order then
    local n = #reply
    reply[n + 1], reply[n + 2], reply[n + 3] = order_id_of(order), number, order_space_of(order)
  elseif field_kind_of(field) == 'R' and find_live(number) then
    call('ZADD', KEYS.break_due, format('%d', now + LOOKED_AT_AGAIN_MS), field)
  else
    call('HDEL', KEYS.breaks, field)
    call('ZREM', KEYS.break_due, field)
  end
end
return finish(reply)
