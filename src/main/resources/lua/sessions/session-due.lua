-- Sessions for which a sweep has something to do in this bucket, the longest due first.
-- @keys meta result sessions due live
-- @argv request deadline mark how_many
-- Each is a letter, H (at home) or C (copy), and a session.
-- @answer due time session...
-- @answer mark time found | epoch time found
-- @include clock (now_text, lease_now, begin_reading)
local stale = begin_reading()
if stale then return stale end
local reply = { 'due', now_text }
local members = call('ZRANGEBYSCORE', KEYS.due, '-inf', lease_now, 'LIMIT', '0', ARGV.how_many)
for i = 1, #members do reply[i + 2] = members[i] end
return reply
