-- What of a bucket's leftovers may go.
-- KEYS: meta, result, leftovers     ARGV: 1-3 see clock, 4 how many
-- @include clock
local stale = begin_reading()
if stale then return stale end
local due = call('ZRANGEBYSCORE', KEYS[3], '-inf', now_text, 'LIMIT', '0', ARGV[4])
return { 'due', now_text, unpack(due) }
