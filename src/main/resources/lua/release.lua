-- Frees a range of one owner, or of every owner whose key begins so.
-- KEYS as in acquire.lua
-- ARGV: 8 world p|s, 9 shape, 10 lo, 11 hi, 12 owner or its beginning, 13 whole|begins, 14 owner to go on behind, or '',
--       15 machine name that a POSIX owner must have, if there is a 15th
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

local smb, shape, lo, hi, wanted, whole = ARGV[8] == 's', ARGV[9], ARGV[10], ARGV[11], ARGV[12], ARGV[13] == 'whole'
local touched, behind = 0, ''

-- The owners whose key begins with wanted and sorts behind the given one, one by one; '' at the end.
local function owner_after(last)
  local class = shape == 'z' and 'Q' or 'O'
  local lower = last == '' and '[' .. class .. wanted or '(' .. class .. last .. 'g'
  local member = call('ZRANGEBYLEX', index_of(smb), lower, '(' .. class .. wanted .. '\255', 'LIMIT', '0', '1')[1]
  if not member then return '' end
  return match(member, smb and '^.([^\t]*\t[^\t]*\t)' or '^.([^\t]*\t[^\t]*\t[^\t]*\t)')
end

local function release_exactly(owner)
  local id, row = exact_lock(owner, shape, lo, hi)
  if id then
    remove(id, row)
    touched = 1
  end
end

if whole then
  if smb then release_exactly(wanted) else touched = release_range(wanted, lo, hi) end
else
  local visited = 0
  local owner = owner_after(ARGV[14])
  while owner ~= '' do
    if smb then
      release_exactly(owner)
    elseif not ARGV[15] or match(owner, '([^\t]*)\t$') == ARGV[15] then
      touched = touched + release_range(owner, lo, hi)
    end
    visited = visited + 1
    behind = owner
    if smb and touched > 0 then break end
    if visited + touched >= MAX_STEPS then break end
    owner = owner_after(owner)
  end
  if owner == '' or (smb and touched > 0) then behind = '' end
end
if touched == 0 and dead_count == 0 then
  return { 'released', now_text, '0', behind }
end
commit()
return finish({ 'released', now_text, tostring(touched), behind })
