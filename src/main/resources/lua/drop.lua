-- Frees whole grants of one space by id: one that its owner names, the expired ones, or those of a client.
-- KEYS as in acquire.lua
-- ARGV: 8 space, 9 expired|standing, 10- filter, then ids (at most max steps)
-- @include clock
-- @include hex
-- @include index
-- @include rows
-- @include lock
-- @include arithmetic
-- @include plan
-- @include commit
-- @include find
-- @include filter
local answer = begin()
if answer then return answer end

local space, expired = ARGV[8], ARGV[9] == 'expired'
local wanted, place = read_filter(10)
local dropped = 0
for i = place, #ARGV do
  local id, row
  if expired then
    id = ARGV[i]
    row = call('HGET', ROWS, id)
    if row and is_live(row) then row = false end
  else
    id, row = find(ARGV[i])
  end
  if row and after[id] == nil then
    local _, _, _, _, its_space = fields_of(row)
    if its_space == space and matches(row, wanted) then
      remove(id, row)
      dropped = dropped + 1
    end
  end
end
if dropped == 0 then return { 'released', now_text, '0' } end
commit()
return finish({ 'released', now_text, tostring(dropped) })
