-- Says who stands in the way of a lock, and takes nothing. (It tidies up where too many expired locks lie in the way.)
-- KEYS as in acquire.lua; ARGV: 1-7 as there, 8- the lock
-- @include clock
-- @include hex
-- @include index
-- @include rows
-- @include lock
-- @include arithmetic
-- @include plan
-- @include commit
local answer = begin_reading()
if answer then return answer end
local found, more = blockers((read_lock(8)))
if not found then return bury_and_come_again() end
if #found > 0 then return refusal(found, more) end
return { 'free', now_text }
