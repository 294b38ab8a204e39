-- Takes one lock, or says who stands in the way.
-- KEYS: meta, result, rows, list, expiry, names, posix index, posix levels, smb index, smb levels (one space)
-- ARGV: 1-3 see clock, 4 max steps, 5 ranges limit, 6 names limit, 7 cross-protocol enforced, 8- the lock
-- @include clock
-- @include hex
-- @include tree
-- @include rows
-- @include lock
local answer = begin()
if answer then return answer end

local op = read_lock(8)
local smb, strong = op.protocol == 's', op.strength == 'S'

-- Everything that needs a plan. Inside a function, because Lua makes every function anew in each call of a script: the
-- common case below does not pay for these.
local function planned()
  -- @include arithmetic
  -- @include plan
  -- @include commit
  local found, more = blockers(op)
  if not found then return bury_and_come_again() end
  if #found > 0 then return refusal(found, more) end
  local id = take(op)
  if not has_room(op) then return { 'limit', now_text } end
  local undo = undo_record({ op }, false)
  local row = after[id]
  commit()
  return finish({ 'granted', now_text, id, row }, undo)
end

-- The common case: no range in the way, not even an expired one, and none of the owner's own that overlaps or touches.
local index, counts = POSIX_INDEX, POSIX_LEVELS
if smb then index, counts = SMB_INDEX, SMB_LEVELS end
if ENFORCED or op.shape == 'z' then return planned() end

local levels = call('HGETALL', counts)
for i = 1, #levels, 2 do
  local strength = sub(levels[i], 1, 1)
  if strong or strength == 'S' then
    local from, to, from2, to2 = stretches(strength, sub(levels[i], 2), op.lo, op.hi)
    if #call('ZRANGEBYLEX', index, '[' .. from, '(' .. to, 'LIMIT', '0', '1') > 0
        or (from2 and #call('ZRANGEBYLEX', index, '[' .. from2, '(' .. to2, 'LIMIT', '0', '1') > 0) then
      return planned()
    end
  end
end
if smb then
  for _, strength in ipairs(strong and { 'S', 'W' } or { 'S' }) do
    local point = 'P' .. strength
    if #call('ZRANGEBYLEX', index, '[' .. point .. op.lo .. 'g', '(' .. point .. op.hi .. 'g', 'LIMIT', '0', '1') > 0 then
      return planned()
    end
  end
end
local owner = 'O' .. op.owner
local previous = call('ZREVRANGEBYLEX', index, '(' .. owner .. op.lo, '[' .. owner, 'LIMIT', '0', '1')[1]
local following = call('ZRANGEBYLEX', index, '[' .. owner .. op.lo, '(' .. owner .. 'g', 'LIMIT', '0', '1')[1]
if not smb and ((previous and sub(previous, -32, -17) >= op.below) or (following and sub(following, -48, -33) <= op.above)) then
  return planned()
end
if (previous or following or smb) and call('ZLEXCOUNT', index, '[' .. owner, '(' .. owner .. 'g')
    + (smb and call('ZLEXCOUNT', index, '[Q' .. op.owner, '(Q' .. op.owner .. 'g') or 0) >= RANGES_LIMIT then
  return planned()
end

local id = draw()
local row = new_row(op, op.lo, op.hi, '0', id, op.tail .. now_text)
local level, lower, upper = tree_entries(op.strength, op.lo, op.hi, id)
local f, m, n, o, p = list_entries(id, row)
call('HSET', ROWS, id, row)
if upper then
  call('ZADD', index, '0', lower, '0', upper, '0', owner .. op.lo .. op.hi .. id)
else
  call('ZADD', index, '0', lower, '0', owner .. op.lo .. op.hi .. id)
end
call('HINCRBY', counts, op.strength .. level, '1')
call('ZADD', LIST, '0', f, '0', m, '0', n, '0', o, '0', p)
if op.lease > 0 then call('ZADD', EXPIRY, sub(row, 59, 71), id) end
local gained = smb and {} or { { op.owner, { { op.lo, op.hi } } } }
return finish(
  { 'granted', now_text, id, row },
  { written = { id .. op.lo .. op.hi .. RID }, replaced = {}, gained = gained, restorable = true, smb = smb })
