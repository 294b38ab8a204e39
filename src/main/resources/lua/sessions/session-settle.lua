-- The last steps for an ended session, when its buckets know (at home) or its rows are gone (in a bucket): it is
-- remembered for ten minutes more, and then forgotten.
-- @keys meta result sessions due live
-- H (at home) or C (copy).
-- @argv request deadline mark session place
-- Settled: there is nothing more to do until it is forgotten; live: it has not ended.
-- @answer settled time | forgotten time | live time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, lease_now, begin, keep_clock, finish)
-- A copy and a tombstone have state and time in the same places.
-- @include home (home_state_of, after_home_state, home_deadline_of, HOMES, DUE, REMEMBERED_MS)
local answer = begin()
if answer then return answer end
local session, member = ARGV.session, ARGV.place .. ARGV.session
local row = call('HGET', HOMES, member)
local at = row and home_deadline_of(row)
-- At home it is marked first.
if row and home_state_of(row) == 'l' and (at > lease_now or ARGV.place == 'H') then return { 'live', now_text } end
local forget_at = row and tonumber(at) + REMEMBERED_MS or 0
keep_clock()
if forget_at <= now then
  call('HDEL', HOMES, member, (ARGV.place == 'H' and 'B' or 'L') .. session)
  call('ZREM', DUE, member)
  return finish({ 'forgotten', now_text })
end
call('HSET', HOMES, member, (ARGV.place == 'H' and 'd' or 'e') .. after_home_state(row))
call('ZADD', DUE, format('%d', forget_at), member)
return finish({ 'settled', now_text })
