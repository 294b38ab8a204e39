-- Grants of a session that has ended in this bucket and whose rows still stand, in order.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @argv request deadline mark session how_many
-- @answer rows time (space id)...
-- It is live.
-- @answer live time
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include rows (ROWS, fields_of)
-- @include copies (live_copy)
-- @include slice (slice)
local stale = begin_reading()
if stale then return stale end
if live_copy(ARGV.session) then return { 'live', now_text } end
local ids = slice('s-' .. ARGV.session .. '\t', '', tonumber(ARGV.how_many))
local reply = { 'rows', now_text }
if #ids == 0 then return reply end
local rows = call('HMGET', ROWS, unpack(ids))
for i = 1, #ids do
  if rows[i] then
    local _, _, _, _, space = fields_of(rows[i])
    reply[#reply + 1] = space
    reply[#reply + 1] = ids[i]
  end
end
return reply
