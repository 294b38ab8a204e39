-- Opens a session at home.
-- @keys meta result sessions due live
-- The number of this bucket; whose session, the machine name of its locks, and how long it lives without a heartbeat;
-- how many its principal may have.
-- @argv request deadline mark bucket principal owner_name ttl_ms sessions_limit
-- @answer opened time session
-- @answer limit time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, next_number, keep_clock, finish)
-- @include home (HOMES, DUE, LIVE, home_row)
local answer = begin()
if answer then return answer end
local principal = ARGV.principal
if call('ZLEXCOUNT', LIVE, '[' .. principal .. '\t', '(' .. principal .. '\n') >= tonumber(ARGV.sessions_limit) then
  return { 'limit', now_text }
end
local session = ARGV.bucket .. '-' .. next_number()
local ends = now + tonumber(ARGV.ttl_ms)
keep_clock()
call('ZADD', DUE, format('%d', ends), 'H' .. session)
call('HSET', HOMES, 'H' .. session,
  home_row('l', ends, tonumber(ARGV.ttl_ms), principal .. '\t' .. ARGV.owner_name .. '\t' .. now_text))
call('ZADD', LIVE, '0', principal .. '\t' .. session)
return finish({ 'opened', now_text, session })
