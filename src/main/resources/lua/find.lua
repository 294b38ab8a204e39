-- One grant by id.
-- KEYS: meta, result, rows, list, expiry, names     ARGV: 1-3 see clock, 4 id
-- @include clock
-- @include rows
-- @include find
local stale = begin_reading()
if stale then return stale end
local id, row = find(ARGV[4])
if id then return { 'found', now_text, id, row } end
return { 'none', now_text }
