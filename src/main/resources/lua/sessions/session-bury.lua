-- Puts a tombstone in the place of a session's copy: all its locks in this bucket end in this step, and none comes.
-- @keys meta result sessions due live
-- How it has ended: e by a call, x for want of one.
-- @argv request deadline mark session principal how
-- @answer buried time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include copies (copy_state_of, SESSIONS, copy_of, is_live_copy)
local answer = begin()
if answer then return answer end
local session = ARGV.session
local copy = copy_of(session)
if copy and copy_state_of(copy) ~= 'l' then return { 'buried', now_text } end
local how = copy and not is_live_copy(copy) and 'x' or ARGV.how
keep_clock()
call('ZADD', KEYS.due, now_text, 'C' .. session)
call('HSET', SESSIONS, 'C' .. session, how .. format('%013d', now) .. ARGV.principal .. '\t')
call('HDEL', SESSIONS, 'L' .. session)
return finish({ 'buried', now_text })
