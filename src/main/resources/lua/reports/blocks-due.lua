-- The leftovers of a bucket that may go.
-- @keys meta result leftovers
-- @argv request deadline mark how_many
-- @answer due time leftover...
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
local stale = begin_reading()
if stale then return stale end
local due = call('ZRANGEBYSCORE', KEYS.leftovers, '-inf', now_text, 'LIMIT', '0', ARGV.how_many)
return { 'due', now_text, unpack(due) }
