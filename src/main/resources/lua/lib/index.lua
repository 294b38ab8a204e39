-- Where the ranges of one space are found, POSIX and SMB apart: one lexicographic sorted set. Members, by their first
-- letters:
--
--   S <hi> <lo> <id>              exclusive ranges. No two of them ever overlap, expired ones included (an acquire
--                                 deletes the expired ones in its way), so they stand in one order by either bound,
--                                 and the first that does not end before a range is the first that can meet it.
--   W <lo> <hi> <id>              shared ranges, by lower bound
--   L <level> <node> <lo> <id>    shared ranges of more than one byte once more, by fork node and lower bound,
--   U <level> <node> <hi> <id>    and by fork node and upper bound, where several share the node
--   P <S|W> <position> <id>       zero-length locks, SMB only
--   O <owner> <lo> <hi> <id>      ranges by owner;   Q <owner> <position> <id>   zero-length locks by owner
--
-- L and U are the relational interval tree (Kriegel, Poetke, Seidl: Managing Intervals Efficiently in
-- Object-Relational Databases, VLDB 2000). The fork node of a range is the common prefix of lo and hi, a one at the
-- highest bit where they differ, zeros below; its level is that bit. Two hashes stand beside the set. Levels: how
-- many ranges each level has, so that a level that nobody uses costs nothing. Nodes: for each node its only range,
-- <lo> <hi> <id>, or how many ranges it has once it has had several; so that most nodes need no list, and one look at
-- all nodes around a point tells which to ask.
-- @include text (format, sub, floor)
-- @include hex (byte, ZERO, digit)
-- The lower bound of an S entry; an O entry without its range and id, and its upper bound; a node's only range; the
-- parts of a level with a node.
-- @column exclusive_lo 18 33
-- @column owned_by 1 -49
-- @column owned_hi -32 -17
-- @column range_lo 1 16
-- @column range_hi 17 32
-- @column range_id 33
-- @column level 1 2
-- @column node 3
local POSIX_INDEX, POSIX_LEVELS, POSIX_NODES = KEYS.posix_index, KEYS.posix_levels, KEYS.posix_nodes
local SMB_INDEX, SMB_LEVELS, SMB_NODES = KEYS.smb_index, KEYS.smb_levels, KEYS.smb_nodes

-- Level and node of a range of more than one byte, in one string.
local function fork_place(lo, hi)
  local i = 1
  while byte(lo, i) == byte(hi, i) do i = i + 1 end
  local a, b = tonumber(sub(lo, i, i), 16), tonumber(sub(hi, i, i), 16)
  local bit, power = 3, 8
  while floor(a / power) == floor(b / power) do bit, power = bit - 1, power / 2 end
  return format('%02d', (16 - i) * 4 + bit) .. sub(lo, 1, i - 1) .. digit(b - b % power) .. sub(ZERO, 1, 16 - i)
end

-- The digit in which a node differs from a number of its block: NODE_DIGIT[bit * 16 + that digit of the number].
local NODE_DIGIT = '1133557799bbddff22226666aaaaeeee44444444cccccccc8888888888888888'

-- The node of a level in whose block x lies, behind its level.
local function fork_place_at(x, level)
  local tens, ones = byte(level, 1, 2)
  local number = tens * 10 + ones - 528
  local bit = number % 4
  local i = 16 - (number - bit) / 4
  local value = byte(x, i)
  local at = bit * 16 + value - (value >= 97 and 86 or 47)
  return level .. sub(x, 1, i - 1) .. sub(NODE_DIGIT, at, at) .. sub(ZERO, 1, 16 - i)
end

local ONE_RANGE = 48 -- bytes of <lo> <hi> <id>; a number of ranges is shorter

-- The shared ranges of more than one byte with lo < s <= hi; levels are those in use. The ids of those alone on their
-- node, and the stretches of the sorted set that hold exactly the others: from, to, from, to, ... ('g' sorts
-- behind every hex digit).
local function shared_ranges_at(levels, nodes_key, s)
  local single_ids, stretches = {}, {}
  if #levels == 0 then return single_ids, stretches end
  local forks = {}
  for i = 1, #levels do forks[i] = fork_place_at(s, levels[i]) end
  local nodes = call('HMGET', nodes_key, unpack(forks))
  for i = 1, #forks do
    local node, place = nodes[i], forks[i]
    if node and #node == ONE_RANGE then
      if range_lo_of(node) < s and range_hi_of(node) >= s then single_ids[#single_ids + 1] = range_id_of(node) end
    elseif node then
      local n = #stretches
      if node_of(place) <= s then
        stretches[n + 1], stretches[n + 2] = 'U' .. place .. s, 'U' .. place .. 'g'
      else
        stretches[n + 1], stretches[n + 2] = 'L' .. place, 'L' .. place .. s
      end
    end
  end
  return single_ids, stretches
end
