-- The space of a lock that was broken, and whose break may be taken back still; and the id that the break has named.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys break_due
-- @argv request deadline mark id
-- @answer broken time space id
-- @answer none time
-- @answer mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin_reading)
local stale = begin_reading()
if stale then return stale end
local id = ARGV.id
local broken = call('HGET', KEYS.breaks, 'U' .. id) or ''
local named = match(broken, '^%d+=(%x+)$')
if named then
  id = named
  broken = call('HGET', KEYS.breaks, 'U' .. id) or ''
end
local space = match(broken, '^%d+[w-]([^\t]*)\t')
if space then return { 'broken', now_text, space, id } end
return { 'none', now_text }
