-- Where the ranges of one space and world are found: one lexicographic sorted set. Members, by their first letters:
--
--   S <hi> <lo> <id>              strong ranges. No two of them ever overlap, expired ones included (who takes a range buries
--                                 the expired ones in its way), so they stand in one order by either bound, and the first
--                                 that does not end before a range is the first that can meet it.
--   W <lo> <hi> <id>              weak ranges, by lower bound
--   L <level> <node> <lo> <id>    weak ranges of more than one byte once more, by fork node and lower bound,
--   U <level> <node> <hi> <id>    and by fork node and upper bound, where several share the node
--   P <S|W> <position> <id>       zero-length locks, SMB only
--   O <owner> <lo> <hi> <id>      ranges by owner;   Q <owner> <position> <id>   zero-length locks by owner
--
-- L and U are the relational interval tree (Kriegel, Poetke, Seidl: Managing Intervals Efficiently in Object-Relational
-- Databases, VLDB 2000). The fork node of a range is the common prefix of lo and hi, a one at the highest bit where they
-- differ, zeros below; its level is that bit. Two hashes stand beside the set. Levels: how many ranges each level has, so that a
-- level that nobody uses costs nothing. Nodes: for each node its only range, <lo> <hi> <id>, or how many ranges it has
-- once it has had several; so that most nodes need no list, and one look at all nodes around a point tells which to ask.
local POSIX_INDEX, POSIX_LEVELS, POSIX_NODES = KEYS[7], KEYS[8], KEYS[9]
local SMB_INDEX, SMB_LEVELS, SMB_NODES = KEYS[10], KEYS[11], KEYS[12]

-- Level and node of a range of more than one byte, in one string.
local function fork(lo, hi)
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
local function fork_around(x, level)
  local tens, ones = byte(level, 1, 2)
  local number = tens * 10 + ones - 528
  local bit = number % 4
  local i = 16 - (number - bit) / 4
  local value = byte(x, i)
  local at = bit * 16 + value - (value >= 97 and 86 or 47)
  return level .. sub(x, 1, i - 1) .. sub(NODE_DIGIT, at, at) .. sub(ZERO, 1, 16 - i)
end

local ONE_RANGE = 48 -- bytes of <lo> <hi> <id>; a number of ranges is shorter

-- The weak ranges of more than one byte with lo < s <= hi: the ids of those alone on their node, and the stretches of the
-- sorted set that hold exactly the others: from, to, from, to, ... ('g' sorts behind every hex digit).
local function around(levels_key, nodes_key, s)
  local levels, alone, stretches = call('HKEYS', levels_key), {}, {}
  if #levels == 0 then return alone, stretches end
  local forks = {}
  for i = 1, #levels do forks[i] = fork_around(s, levels[i]) end
  local nodes = call('HMGET', nodes_key, unpack(forks))
  for i = 1, #forks do
    local node, place = nodes[i], forks[i]
    if node and #node == ONE_RANGE then
      if sub(node, 1, 16) < s and sub(node, 17, 32) >= s then alone[#alone + 1] = sub(node, 33) end
    elseif node then
      local n = #stretches
      if sub(place, 3) <= s then
        stretches[n + 1], stretches[n + 2] = 'U' .. place .. s, 'U' .. place .. 'g'
      else
        stretches[n + 1], stretches[n + 2] = 'L' .. place, 'L' .. place .. s
      end
    end
  end
  return alone, stretches
end
