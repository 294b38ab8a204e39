-- What home knows of a session.
-- @keys meta result sessions due live
-- @argv request deadline mark session
-- State is live, expired, ending or done.
-- The deadline is text by which heartbeats that were done can be told apart.
-- @answer session time state left_ms ttl_ms principal owner_name buckets deadline
-- @answer none time
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin_reading)
-- @include home (home_state_of, home_deadline_of, home_ttl_of, HOMES, home_of, is_live_home, home_fields)
local stale = begin_reading()
if stale then return stale end
local row = home_of(ARGV.session)
if not row then return { 'none', now_text } end
local state = home_state_of(row)
if state == 'l' then
  state = is_live_home(row) and 'live' or 'expired'
else
  state = state == 'e' and 'ending' or 'done'
end
local principal, name = home_fields(row)
local left = math.max(0, tonumber(home_deadline_of(row)) - now)
return { 'session', now_text, state, format('%d', left), format('%d', tonumber(home_ttl_of(row))), principal, name,
  call('HGET', HOMES, 'B' .. ARGV.session) or '', home_deadline_of(row) }
