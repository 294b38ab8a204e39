-- Takes one lock, or says who stands in the way.
-- KEYS: meta, result, rows, list, expiry, names, and of one space: posix index, levels, nodes, smb index, levels, nodes
-- ARGV: 1-3 see clock, 4 max steps, 5 ranges limit, 6 names limit, 7 cross-protocol enforced, 8- the lock, last the limit of grants
-- @include clock
-- @include hex
-- @include index
-- @include rows
-- @include lock
local answer = begin()
if answer then return answer end

local op, GRANTS_LIMIT = read_lock(8), tonumber(ARGV[#ARGV])
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
  if not has_room(op) then return { 'limit', now_text, 'ranges' } end
  if not principal_has_room(op, GRANTS_LIMIT) then return { 'limit', now_text, 'grants' } end
  local undo = undo_record({ op }, false)
  local row = after[id]
  commit()
  return finish({ 'granted', now_text, id, row }, undo)
end

-- The common case: no range in the way, not even an expired one, and none of the owner's own that overlaps or touches.
local index, levels, nodes = POSIX_INDEX, POSIX_LEVELS, POSIX_NODES
if smb then index, levels, nodes = SMB_INDEX, SMB_LEVELS, SMB_NODES end
if ENFORCED or op.shape == 'z' then return planned() end
if call('HLEN', ROWS) >= GRANTS_LIMIT and rows_of(principal_of(op.owner)) >= GRANTS_LIMIT then return planned() end

local function any(from, to)
  return #call('ZRANGEBYLEX', index, '[' .. from, '(' .. to, 'LIMIT', '0', '1') > 0
end
local nearest = call('ZRANGEBYLEX', index, '[S' .. op.lo, '(Sg', 'LIMIT', '0', '1')[1]
if nearest and sub(nearest, 18, 33) <= op.hi then return planned() end
if strong then
  if any('W' .. op.lo, 'W' .. op.hi .. 'g') then return planned() end
  local alone, stretches = around(levels, nodes, op.lo)
  if #alone > 0 then return planned() end
  for i = 1, #stretches, 2 do
    if any(stretches[i], stretches[i + 1]) then return planned() end
  end
end
if smb then
  if any('PS' .. op.lo .. 'g', 'PS' .. op.hi .. 'g') then return planned() end
  if strong and any('PW' .. op.lo .. 'g', 'PW' .. op.hi .. 'g') then return planned() end
end
local owner = 'O' .. op.owner
local held = call('ZLEXCOUNT', index, '[' .. owner, '(' .. owner .. 'g')
if smb then held = held + call('ZLEXCOUNT', index, '[Q' .. op.owner, '(Q' .. op.owner .. 'g') end
if held >= RANGES_LIMIT then return planned() end
if held > 0 and not smb then
  nearest = call('ZREVRANGEBYLEX', index, '(' .. owner .. op.above .. 'g', '[' .. owner, 'LIMIT', '0', '1')[1]
  if nearest and sub(nearest, -32, -17) >= op.below then return planned() end
end

local place = not strong and op.lo < op.hi and fork(op.lo, op.hi)
local node = place and call('HGET', nodes, place)
if node and #node == ONE_RANGE then return planned() end

local id = draw()
local row = new_row(op, op.lo, op.hi, '0', id, op.tail .. now_text)
local range = op.lo .. op.hi .. id
local bounds = strong and 'S' .. op.hi .. op.lo .. id or 'W' .. range
local f, m, n, o, p = list_entries(id, row)
-- In the order that commit.lua explains.
keep_clock()
if node then call('HINCRBY', nodes, place, '1') end
if place then call('HINCRBY', levels, sub(place, 1, 2), '1') end
call('ZADD', LIST, '0', f, '0', m, '0', n, '0', o, '0', p)
if op.lease > 0 then call('ZADD', EXPIRY, sub(row, 59, 71), id) end
call('HSET', ROWS, id, row)
if node then
  call('ZADD', index, '0', bounds, '0', owner .. range,
    '0', 'L' .. place .. op.lo .. id, '0', 'U' .. place .. op.hi .. id)
else
  call('ZADD', index, '0', bounds, '0', owner .. range)
  if place then call('HSET', nodes, place, range) end
end
local gained = smb and {} or { { op.owner, { { op.lo, op.hi } } } }
return finish(
  { 'granted', now_text, id, row },
  { written = { id .. op.lo .. op.hi .. RID }, replaced = {}, gained = gained, restorable = true, smb = smb })
