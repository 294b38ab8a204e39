-- The last step of a heartbeat: extends a session at home.
-- @keys meta result sessions due live
-- Buckets are those whose copies were extended, as home.lua answers them.
-- @argv request deadline mark session principal buckets
-- @answer renewed time
-- Others have come to the buckets: those are to be extended first.
-- @answer changed time buckets
-- The session has ended; there is none, or it is another's.
-- @answer ended time | none time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include home (home_deadline_of, home_ttl_of, home_tail_of, HOMES, DUE, home_row, home_of, is_live_home, home_fields)
local answer = begin()
if answer then return answer end
local session = ARGV.session
local row = home_of(session)
if not row or home_fields(row) ~= ARGV.principal then return { 'none', now_text } end
if not is_live_home(row) then return { 'ended', now_text } end
local buckets = call('HGET', HOMES, 'B' .. session) or ''
if buckets ~= ARGV.buckets then return { 'changed', now_text, buckets } end
local ttl = tonumber(home_ttl_of(row))
-- Every heartbeat sets another one: see session-copy.
local ends = math.max(now + ttl, tonumber(home_deadline_of(row)) + 1)
keep_clock()
call('ZADD', DUE, format('%d', ends), 'H' .. session)
call('HSET', HOMES, 'H' .. session, home_row('l', ends, ttl, home_tail_of(row)))
return finish({ 'renewed', now_text })
