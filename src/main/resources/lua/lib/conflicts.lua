-- Conflicts: which grants stand in the way of a requested lock.
-- @include text (sub)
-- @include clock (now_text)
-- @include limits (ENFORCED)
-- @include rows (lo_of, hi_of, strength_of, shape_of, TAIL, told, protocol_of)
-- @include walk (walk)
-- @include index (exclusive_lo_of, SMB_INDEX, shared_ranges_at)
-- @include plan (after, expired_count, MAX_PURGED, index_of, planned_ids_in, current)
-- @include opens (opens)
local MAX_BLOCKERS = 16
local levels_used = {} -- by the key of the levels: those in use, asked for once

local function overlap(a_shape, a_lo, a_hi, b_shape, b_lo, b_hi)
  if a_shape == 'o' or b_shape == 'o' then return a_shape == b_shape and opens.conflict(a_lo, b_lo) end
  if a_shape == 'z' then
    return b_shape == 'r' and b_lo < a_lo and a_lo <= b_hi
  elseif b_shape == 'z' then
    return a_lo < b_lo and b_lo <= a_hi
  end
  return a_lo <= b_hi and b_lo <= a_hi
end

-- The grants in the way of op: an array of {first common byte, id, row}, the first MAX_BLOCKERS (or as many as
-- wanted) in order of that byte, and whether there are more. Nothing when too many expired rows lie in the way to go on
-- in one script.
--
-- Each stretch yields its ranges in order of their first common byte, so one of each more than wanted is enough, and of
-- all of them together no more are kept.
local function blockers(op, wanted)
  wanted = wanted or MAX_BLOCKERS
  if op.shape == 'o' then return opens.in_the_way(op, wanted) end
  local found = {}
  local smb = op.protocol == 's'
  local is_own_semantics, counted, too_many_expired = true, 0, false
  local function consider(id, row)
    local own = is_own_semantics and sub(row, TAIL, TAIL + #op.owner - 1) == op.owner
    -- POSIX: an owner never conflicts with itself. SMB: a shared lock goes over one's own exclusive one (rule 3).
    if own and (not smb or op.strength == 'W') then return end
    local first = lo_of(row)
    found[#found + 1] = { first < op.lo and op.lo or first, id, row }
    counted = counted + 1
  end
  local function visit(id)
    local row = after[id] == nil and current(id)
    if row then consider(id, row) end
    if expired_count > MAX_PURGED then too_many_expired = true end
    return counted > wanted or too_many_expired
  end
  -- One more than is told, to know that there are more.
  local function keep_first()
    table.sort(found, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
    for i = #found, wanted + 2, -1 do found[i] = nil end
  end
  -- With enough found, only ranges that meet op no later than the last of them matter from then on.
  local last = op.hi
  local function ask(index, from, to, visitor)
    if too_many_expired then return end
    counted = 0
    walk(index, from, to, visitor or visit)
    if #found > wanted then
      keep_first()
      last = found[#found][1]
    end
  end
  local function ask_semantics(of_smb)
    is_own_semantics = of_smb == smb
    local index, levels, nodes = index_of(of_smb)
    ask(index, 'S' .. op.lo, 'Sg', function(id, member)
      local lo = exclusive_lo_of(member)
      return lo > last or (op.shape == 'z' and lo >= op.lo) or visit(id)
    end)
    if op.strength == 'W' then return end
    levels_used[levels] = levels_used[levels] or call('HKEYS', levels)
    local single_ids, stretches = shared_ranges_at(levels_used[levels], nodes, op.lo)
    for i = 1, #single_ids do visit(single_ids[i]) end
    for i = 1, #stretches, 2 do
      if #found > wanted and last == op.lo then return end
      ask(index, stretches[i], stretches[i + 1])
    end
    if op.shape == 'r' then ask(index, 'W' .. op.lo, 'W' .. last .. 'g') end
  end

  ask_semantics(smb)
  if smb and op.shape == 'r' then
    ask(SMB_INDEX, 'PS' .. op.lo .. 'g', 'PS' .. last .. 'g')
    if op.strength == 'S' then ask(SMB_INDEX, 'PW' .. op.lo .. 'g', 'PW' .. last .. 'g') end
  end
  -- Between POSIX and SMB only common bytes count, and a zero-length lock has none.
  if ENFORCED and op.shape == 'r' then ask_semantics(not smb) end
  if too_many_expired then return end
  counted = 0
  local ids = planned_ids_in(op.lo, op.hi)
  for i = 1, #ids do
    local row = after[ids[i]]
    is_own_semantics = (protocol_of(row) == 's') == smb
    if (is_own_semantics or ENFORCED and op.shape == 'r' and shape_of(row) == 'r')
        and (op.strength == 'S' or strength_of(row) == 'S')
        and overlap(op.shape, op.lo, op.hi, shape_of(row), lo_of(row), hi_of(row)) then
      consider(ids[i], row)
    end
  end
  keep_first()
  local more = #found > wanted
  found[wanted + 1] = nil
  return found, more
end

-- The answer with the grants in the way.
local function refusal(found, more)
  local reply = { 'refused', now_text, more and '1' or '0' }
  for i = 1, #found do
    reply[#reply + 1] = found[i][2]
    reply[#reply + 1] = told(found[i][3])
  end
  return reply
end
