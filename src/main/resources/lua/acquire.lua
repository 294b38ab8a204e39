-- Takes one lock, or says who stands in the way.
-- KEYS: meta, result, rows, list, expiry, names, posix index, posix levels, smb index, smb levels (one space)
-- ARGV: 1-3 see clock, 4 max steps, 5 ranges limit, 6 names limit, 7 cross-protocol enforced, 8- the lock
-- @include clock
-- @include hex
-- @include tree
-- @include rows
-- @include plan
-- @include commit
local answer = begin()
if answer then return answer end

local op = read_lock(8)
local found, more = blockers(op)
if not found then return bury_and_come_again() end
if #found > 0 then return refusal(found, more) end

local id = take(op)
if not has_room(op) then return { 'limit', now_text } end
local undo = undo_record({ op }, false)
local row = after[id]
commit()
return finish({ 'granted', now_text, id, row }, undo)
