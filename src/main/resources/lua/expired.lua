-- Ids and spaces of grants whose time is up, the longest first.
-- KEYS: meta, result, rows, list, expiry, names     ARGV: 1-3 see clock, 4 how many
-- @include clock
-- @include rows
local stale = begin_reading()
if stale then return stale end
local ids = call('ZRANGEBYSCORE', EXPIRY, '-inf', now13, 'LIMIT', '0', ARGV[4])
local reply = { 'expired', now_text }
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
