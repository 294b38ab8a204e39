-- One grant by id.
-- @keys meta result rows list chunks expiry aliases sessions
-- @argv request deadline mark id
-- @answer found time id row
-- @answer none time
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include rows (told)
-- @include lookup (find_live)
local stale = begin_reading()
if stale then return stale end
local id, row = find_live(ARGV.id)
if id then return { 'found', now_text, id, told(row) } end
return { 'none', now_text }
