-- Notes at home that a session uses a bucket: from then on heartbeats extend its copy there, and its end reaches it.
-- @keys meta result sessions due live
-- @argv request deadline mark session principal bucket
-- @answer registered time left_ms owner_name
-- The session has ended; there is none, or it is another's.
-- @answer ended time | none time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include home (home_deadline_of, HOMES, home_of, is_live_home, home_fields)
local answer = begin()
if answer then return answer end
local session, bucket = ARGV.session, ARGV.bucket .. ','
local row = home_of(session)
local principal, name
if row then principal, name = home_fields(row) end
if principal ~= ARGV.principal then return { 'none', now_text } end
if not is_live_home(row) then return { 'ended', now_text } end
local reply = { 'registered', now_text, format('%d', tonumber(home_deadline_of(row)) - now), name }
local buckets = call('HGET', HOMES, 'B' .. session) or ''
if string.find(',' .. buckets, ',' .. bucket, 1, true) then return reply end
keep_clock()
call('HSET', HOMES, 'B' .. session, buckets .. bucket)
return finish(reply)
