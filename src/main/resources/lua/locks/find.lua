-- One grant by id, also a provisional one.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters
-- @argv request deadline mark id
-- @answer found time id row
-- @answer none time
-- @answer mark time found | epoch time found
-- @include clock (now_text, waiting, begin_reading)
-- @include rows (told)
-- @include lookup (find_live)
-- @include waiters (granted_waiter, told_waiter)
local stale = begin_reading()
if stale then return stale end
local id, row = find_live(ARGV.id)
if id then return { 'found', now_text, id, told(row) } end
local waiter = waiting and granted_waiter(ARGV.id)
if waiter then return { 'found', now_text, ARGV.id, told_waiter(waiter) } end
return { 'none', now_text }
