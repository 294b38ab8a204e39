-- Releases a range of one owner, or of every owner whose key begins so.
-- @keys meta result rows list expiry aliases
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- The semantics are p or s; the owner is a whole key, or what the keys of several begin with.
-- @argv semantics shape lo hi owner whole
-- Of several owners: the one to go on behind, or empty; the machine name that a POSIX owner must have.
-- @argv behind owner_name?
-- Behind is the owner to go on behind, empty at the end.
-- @answer released time rows_touched behind
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin, finish)
-- @include limits (BATCH_SIZE)
-- @include plan (expired_count, index_of, remove)
-- @include ranges (release_range, exact_lock)
-- @include commit (commit)
local answer = begin()
if answer then return answer end

local smb, shape, lo, hi = ARGV.semantics == 's', ARGV.shape, ARGV.lo, ARGV.hi
local wanted, whole = ARGV.owner, ARGV.whole == 'whole'
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
  local owner = owner_after(ARGV.behind)
  while owner ~= '' do
    if smb then
      release_exactly(owner)
    elseif not ARGV.owner_name or match(owner, '([^\t]*)\t$') == ARGV.owner_name then
      touched = touched + release_range(owner, lo, hi)
    end
    visited = visited + 1
    behind = owner
    if smb and touched > 0 then break end
    if visited + touched >= BATCH_SIZE then break end
    owner = owner_after(owner)
  end
  if owner == '' or (smb and touched > 0) then behind = '' end
end
if touched == 0 and expired_count == 0 then
  return { 'released', now_text, '0', behind }
end
commit()
return finish({ 'released', now_text, tostring(touched), behind })
