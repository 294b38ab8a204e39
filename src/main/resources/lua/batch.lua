-- Several unlocks and locks of one space and world, in this order. POSIX: all or nothing. SMB: one of the two lists; locks
-- all or nothing, unlocks stop at the first that fails and keep what they freed.
-- KEYS as in acquire.lua
-- ARGV: 8 number of unlocks, 9 number of locks, then unlocks (world p|s, shape, lo, hi, owner, whole|begins), then locks,
-- last the limit of grants
-- @include clock
-- @include hex
-- @include index
-- @include rows
-- @include lock
-- @include arithmetic
-- @include plan
-- @include commit
local answer = begin()
if answer then return answer end

local unlocks, locks, place = tonumber(ARGV[8]), tonumber(ARGV[9]), 10
local touched, missing, GRANTS_LIMIT = 0, nil, tonumber(ARGV[#ARGV])

-- POSIX owners whose key begins so, in the index and in the plan.
local function owners_beginning(wanted)
  local owners, lower = {}, '[O' .. wanted
  while true do
    local member = call('ZRANGEBYLEX', POSIX_INDEX, lower, '(O' .. wanted .. '\255', 'LIMIT', '0', '1')[1]
    if not member then return owners end
    local owner = match(member, '^.([^\t]*\t[^\t]*\t[^\t]*\t)')
    owners[#owners + 1] = owner
    if #owners > MAX_STEPS then return end
    lower = '(O' .. owner .. 'g'
  end
end

for i = 1, unlocks do
  local smb, shape, lo, hi, owner, whole =
    ARGV[place] == 's', ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], ARGV[place + 4], ARGV[place + 5] == 'whole'
  place = place + 6
  if smb then
    local id, row = exact_lock(owner, shape, lo, hi)
    if not id then
      missing = i - 1
      break
    end
    remove(id, row)
    touched = touched + 1
  elseif whole then
    touched = touched + release_range(owner, lo, hi)
  else
    local owners = owners_beginning(owner)
    if not owners then return { 'limit', now_text, tostring(i - 1), 'ranges' } end
    for k = 1, #owners do touched = touched + release_range(owners[k], lo, hi) end
  end
end
if missing then
  commit()
  return finish({ 'missing', now_text, tostring(missing) })
end

local ops, ids = {}, {}
for i = 1, locks do
  local op
  op, place = read_lock(place)
  local found, more = blockers(op)
  if not found then return bury_and_come_again() end
  if #found > 0 then
    local reply = refusal(found, more)
    table.insert(reply, 3, tostring(i - 1))
    return reply
  end
  ops[i], ids[i] = op, take(op)
  if not has_room(op) then return { 'limit', now_text, tostring(i - 1), 'ranges' } end
  if not principal_has_room(op, GRANTS_LIMIT) then return { 'limit', now_text, tostring(i - 1), 'grants' } end
end

-- A later lock of the list may have absorbed an earlier one, or taken its bytes.
local reply = { 'done', now_text, tostring(touched) }
for i = 1, locks do
  local id = ids[i]
  local row = after[id]
  if not row or sub(row, 1, 16) > ops[i].lo or sub(row, 17, 32) < ops[i].lo then
    for other_id, other in pairs(after) do
      if other and owner_of(other) == ops[i].owner and sub(other, 1, 16) <= ops[i].lo and sub(other, 17, 32) >= ops[i].lo then
        id, row = other_id, other
      end
    end
  end
  reply[#reply + 1] = id
  reply[#reply + 1] = row
end
local undo = locks > 0 and undo_record(ops, unlocks > 0)
commit()
return finish(reply, undo)
