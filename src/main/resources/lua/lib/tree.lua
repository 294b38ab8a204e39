-- The relational interval tree (Kriegel, Poetke, Seidl: Managing Intervals Efficiently in Object-Relational Databases,
-- VLDB 2000) in one lexicographic sorted set for each space and world. Members, by their first letters:
--
--   <S|W> L <level> <node> <lo> <id>    ranges by lower bound, strong (S) and weak (W) apart
--   <S|W> U <level> <node> <hi> <id>    the same ranges by upper bound; single bytes (level 64) have no U
--   P <S|W> <position> <id>             zero-length locks, SMB only
--   O <owner> <lo> <hi> <id>            ranges by owner;   Q <owner> <position> <id>   zero-length locks by owner
--
-- A range is registered at its fork node: the common prefix of lo and hi, a one at the highest bit where they differ,
-- zeros below; its level is that bit. The hash beside the set counts ranges for each strength and level, so that levels
-- that nobody uses cost nothing.
local POSIX_INDEX, POSIX_LEVELS, SMB_INDEX, SMB_LEVELS = KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local SINGLE_BYTE = '64'

local function fork(lo, hi)
  if lo == hi then return SINGLE_BYTE, lo end
  local i = 1
  while byte(lo, i) == byte(hi, i) do i = i + 1 end
  local a, b = tonumber(sub(lo, i, i), 16), tonumber(sub(hi, i, i), 16)
  local bit, power = 3, 8
  while floor(a / power) == floor(b / power) do bit, power = bit - 1, power / 2 end
  local node = sub(lo, 1, i - 1) .. digit(b - b % power) .. sub(ZERO, 1, 16 - i)
  return format('%02d', (16 - i) * 4 + bit), node
end

-- The digit in which a node differs from a number of its block: NODE_DIGIT[bit * 16 + that digit of the number].
local NODE_DIGIT = '1133557799bbddff22226666aaaaeeee44444444cccccccc8888888888888888'

-- The node of a level whose block x lies in.
local function node_at(x, level)
  local tens, ones = byte(level, 1, 2)
  local number = tens * 10 + ones - 528
  local bit = number % 4
  local i = 16 - (number - bit) / 4
  local value = byte(x, i)
  local at = bit * 16 + value - (value >= 97 and 86 or 47)
  return sub(x, 1, i - 1) .. sub(NODE_DIGIT, at, at) .. sub(ZERO, 1, 16 - i)
end

local asked_s, asked_e, asked_level, nodes_s, nodes_e

-- The stretches of the sorted set that hold exactly the ranges of one strength and level that meet [s,e]: at most two,
-- each as from, to (both ends inside; 'g' sorts behind every hex digit). For a zero-length request at p, s = p and e = p-1:
-- then exactly the ranges with lo < p <= hi are met. Nodes are worked out once for both strengths.
local function stretches(strength, level, s, e)
  local lowers = strength .. 'L' .. level
  if level == SINGLE_BYTE then
    if s > e then return end
    return lowers .. s, lowers .. e .. 'g'
  end
  if s ~= asked_s or e ~= asked_e then
    asked_s, asked_e, nodes_s, nodes_e = s, e, {}, {}
    -- From this level up, s and e lie in one block.
    asked_level = s < e and fork(s, e) or s == e and '00' or SINGLE_BYTE
  end
  local ns, ne = nodes_s[level], nodes_e[level]
  if not ns then
    ns = node_at(s, level)
    ne = level >= asked_level and ns or node_at(e, level)
    nodes_s[level], nodes_e[level] = ns, ne
  end
  if ns == ne then
    if e < ns then return lowers .. ns, lowers .. ns .. e .. 'g' end
    if s >= ns then
      local uppers = strength .. 'U' .. level .. ns
      return uppers .. s, uppers .. 'g'
    end
    return lowers .. ns, lowers .. ns .. 'g'
  end
  if ns > ne then return end
  if ns > s then return lowers .. ns, lowers .. ne .. e .. 'g' end
  local uppers = strength .. 'U' .. level .. ns
  return uppers .. s, uppers .. 'g', lowers .. ns .. 'g', lowers .. ne .. e .. 'g'
end

-- The entries of a range in the tree: its level, by lower bound, and by upper bound unless it is a single byte.
local function tree_entries(strength, lo, hi, id)
  local level, node = fork(lo, hi)
  local place = level .. node
  return level, strength .. 'L' .. place .. lo .. id, level ~= SINGLE_BYTE and strength .. 'U' .. place .. hi .. id
end
