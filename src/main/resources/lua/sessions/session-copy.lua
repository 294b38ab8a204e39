-- Makes or extends the copy of a session in a bucket that it uses, and tells what others took of it there.
-- @keys meta result sessions due live
-- For how long; whether this is a heartbeat (renew), or the bucket is new to the session (enter).
-- @argv request deadline mark session principal owner_name ttl_ms step
-- How many times text was lost; each loss is an id and a row (losses.lua).
-- @answer kept time whether_more losses
-- It has ended here.
-- @answer ended time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include copies (copy_deadline_of, SESSIONS, copy_of, is_live_copy)
-- @include loss_entries (told_entries_of, whether_more_of, loss_entries_of, count_entries, entries_behind, loss_field)
local answer = begin()
if answer then return answer end
local session = ARGV.session
local copy = copy_of(session)
if copy and not is_live_copy(copy) then return { 'ended', now_text } end
local ends = now + tonumber(ARGV.ttl_ms)
-- Never sooner than a heartbeat has promised meanwhile.
if copy then ends = math.max(ends, tonumber(copy_deadline_of(copy))) end
keep_clock()
call('ZADD', KEYS.due, format('%d', ends), 'C' .. session)
call('HSET', SESSIONS, 'C' .. session, 'l' .. format('%013d', ends) .. ARGV.principal .. '\t' .. ARGV.owner_name)
local field = ARGV.step == 'renew' and call('HGET', SESSIONS, 'L' .. session)
if not field then return finish({ 'kept', now_text, '0', '' }) end

-- What the last renewal told is known now.
local known = tonumber(told_entries_of(field))
local more, entries = known > 0 and '0' or whether_more_of(field), entries_behind(loss_entries_of(field), known)
if entries == '' then
  call('HDEL', SESSIONS, 'L' .. session)
else
  call('HSET', SESSIONS, 'L' .. session, loss_field(count_entries(entries), more, entries))
end
return finish({ 'kept', now_text, more, entries })
