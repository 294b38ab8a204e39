-- Makes or extends the copy of a session in a bucket that it uses, and tells what others took of it there.
-- @keys meta result sessions due live
-- For how long; of a heartbeat the deadline that it has found at home, else empty: the bucket is new to the session.
-- @argv request deadline mark session principal owner_name ttl_ms found_at_home
-- Losses are entries of loss_entries.lua.
-- @answer kept time whether_more losses
-- It has ended here.
-- @answer ended time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include copies (copy_deadline_of, SESSIONS, copy_of, is_live_copy)
-- @include loss_entries (tell_losses)
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
local more, losses = '0', ''
-- Home has another deadline when the heartbeat that told some was done.
if ARGV.found_at_home ~= '' then more, losses = tell_losses(session, ARGV.found_at_home) end
return finish({ 'kept', now_text, more, losses })
