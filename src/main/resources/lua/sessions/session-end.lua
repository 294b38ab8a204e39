-- Marks a session as ended at home: it gets no bucket and no heartbeat any more. Its buckets are to be told.
-- @keys meta result sessions due live
-- Whose it must be, or empty for anybody's; which is any or expired.
-- @argv request deadline mark session principal which
-- Whose it was, and the buckets that may not know yet.
-- @answer ending time principal buckets
-- It has ended, and all buckets know; there is none, or it is another's; it is live, and only an expired one was meant.
-- @answer done time | none time | live time
-- @answer late time | mark time found | epoch time found
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include home (home_state_of, home_ttl_of, home_tail_of, HOMES, DUE, LIVE, home_row, home_of, is_live_home,
--   home_fields)
local answer = begin()
if answer then return answer end
local session = ARGV.session
local row = home_of(session)
local principal = row and home_fields(row)
if not row or (ARGV.principal ~= '' and principal ~= ARGV.principal) then return { 'none', now_text } end
local state, is_live = home_state_of(row), is_live_home(row)
if state == 'd' then return { 'done', now_text } end
if is_live and ARGV.which == 'expired' then return { 'live', now_text } end
local reply = { 'ending', now_text, principal, call('HGET', HOMES, 'B' .. session) or '' }
if state == 'e' then return reply end
keep_clock()
call('ZADD', DUE, now_text, 'H' .. session)
call('HSET', HOMES, 'H' .. session, home_row('e', now, tonumber(home_ttl_of(row)), home_tail_of(row)))
call('ZREM', LIVE, principal .. '\t' .. session)
return finish(reply)
