-- Writes a plan. A script may die after any of its writes (a missing right, a fault of the server), so their order is this: the
-- counter before the numbers drawn from it; what only says too much (levels, nodes' counts, lists, names, deadlines) before the rows;
-- rows before the entries that name them; new entries before the old ones go, so that what stays held is held throughout; and what
-- would say too little last. So half a plan blocks nobody who cannot be listed, and `lockgate --repair` completes it from the rows.

-- @include send

-- Entries of ranges, <lo> <hi> <id>, that share a fork node.
local function list_at(place, ranges, members, scored)
  local function member(text)
    if scored then members[#members + 1] = '0' end
    members[#members + 1] = text
  end
  for i = 1, #ranges do
    local id = sub(ranges[i], 33)
    member('L' .. place .. sub(ranges[i], 1, 16) .. id)
    member('U' .. place .. sub(ranges[i], 17, 32) .. id)
  end
end

local function commit()
  local put, drop, listed, unlisted, expire, unexpire, unnamed = {}, {}, {}, {}, {}, {}, stale_names
  local added, removed, forks = { {}, {} }, { {}, {} }, { {}, {} }
  local uses, shrinks = { false, false }, { false, false } -- by world

  local function index(id, row, into, scored)
    local smb = is_smb(row)
    local world = smb and 2 or 1
    uses[world] = true
    local members = into[world]
    local owner, lo, hi, strength = owner_of(row), sub(row, 1, 16), sub(row, 17, 32), sub(row, 33, 33)
    local function member(text)
      if scored then members[#members + 1] = '0' end
      members[#members + 1] = text
    end
    if sub(row, 36, 36) == 'z' then
      member('P' .. strength .. lo .. id)
      member('Q' .. owner .. lo .. id)
      return
    end
    member(strength == 'S' and 'S' .. hi .. lo .. id or 'W' .. lo .. hi .. id)
    member('O' .. owner .. lo .. hi .. id)
    if strength == 'W' and lo < hi then
      local place = fork(lo, hi)
      local moves = forks[world][place]
      if not moves then
        moves = { come = {}, gone = {} }
        forks[world][place] = moves
      end
      local ranges = scored and moves.come or moves.gone
      ranges[#ranges + 1] = lo .. hi .. id
    end
  end
  -- What a fork node holds afterwards: its only range, or the number of those that have entries of their own.
  local function settle(world, place, nodes, risen, changed, fallen, dropped)
    local come, gone, node = forks[world][place].come, forks[world][place].gone, call('HGET', nodes, place)
    local left
    if node and #node < ONE_RANGE then
      left = tonumber(node) + #come - #gone
      shrinks[world] = shrinks[world] or (#come > 0 and #gone > 0)
      list_at(place, gone, removed[world], false)
    else
      if node and gone[1] ~= node then come[#come + 1] = node end
      left = #come
      if left == 1 then
        changed[#changed + 1], changed[#changed + 2] = place, come[1]
        return
      end
    end
    list_at(place, come, added[world], true)
    if left <= 0 then
      dropped[#dropped + 1] = place
      return
    end
    local count = node and #node < ONE_RANGE and tonumber(node)
    local into = not count and changed or left > count and risen or fallen
    if left ~= count then into[#into + 1], into[#into + 2] = place, tostring(left) end
  end
  local function forget_names(id, row)
    if sub(row, 37, 37) == '1' then
      local members = call('ZRANGEBYLEX', NAMES, '[R' .. id, '(R' .. id .. 'u')
      for i = 1, #members do
        local known = sub(members[i], -17)
        unnamed[#unnamed + 1] = members[i]
        unnamed[#unnamed + 1] = 'N' .. known .. id
      end
    end
  end
  local function vanish(id, row)
    drop[#drop + 1] = id
    index(id, row, removed, false)
    local f, m, n, o, p = list_entries(id, row)
    local i = #unlisted
    unlisted[i + 1], unlisted[i + 2], unlisted[i + 3], unlisted[i + 4], unlisted[i + 5] = f, m, n, o, p
    if sub(row, 59, 71) ~= NO_DEADLINE then unexpire[#unexpire + 1] = id end
    forget_names(id, row)
  end

  for id, row in pairs(dead) do
    -- What the plan put in the place of an expired row of the same id cannot be: ids are drawn once.
    vanish(id, row)
  end
  for id, old in pairs(before) do
    local new = after[id]
    if not new then
      vanish(id, old)
    else
      if sub(old, 1, 36) ~= sub(new, 1, 36) then
        index(id, old, removed, false)
        index(id, new, added, true)
      end
    end
  end
  for id, new in pairs(after) do
    if new then
      put[#put + 1] = id
      put[#put + 1] = new
      local old = before[id]
      if not old then
        index(id, new, added, true)
        local f, m, n, o, p = list_entries(id, new)
        local i = #listed
        listed[i + 1], listed[i + 2], listed[i + 3], listed[i + 4], listed[i + 5] = '0', f, '0', m, '0'
        listed[i + 6], listed[i + 7], listed[i + 8], listed[i + 9], listed[i + 10] = n, '0', o, '0', p
      end
      local deadline = sub(new, 59, 71)
      if deadline ~= NO_DEADLINE and (not old or sub(old, 59, 71) ~= deadline) then
        expire[#expire + 1] = deadline
        expire[#expire + 1] = id
      end
    end
  end

  local risen, changed, fallen, dropped, levels_by = { {}, {} }, { {}, {} }, { {}, {} }, { {}, {} }, { {}, {} }
  for world = 1, 2 do
    local _, _, nodes = index_of(world == 2)
    for place, moves in pairs(forks[world]) do
      local level = sub(place, 1, 2)
      levels_by[world][level] = (levels_by[world][level] or 0) + #moves.come - #moves.gone
      settle(world, place, nodes, risen[world], changed[world], fallen[world], dropped[world])
    end
    -- A range that shrinks may keep an entry of its node.
    if shrinks[world] then
      local stays, gone = {}, {}
      for i = 2, #added[world], 2 do stays[added[world][i]] = true end
      for i = 1, #removed[world] do
        local member = removed[world][i]
        if not stays[member] then gone[#gone + 1] = member end
      end
      removed[world] = gone
    end
  end
  local named = {}
  for id, names in pairs(new_names) do
    if after[id] then
      for known in pairs(names) do
        local i = #named
        named[i + 1], named[i + 2], named[i + 3], named[i + 4] = '0', 'N' .. known .. id, '0', 'R' .. id .. known
      end
    end
  end

  keep_clock()
  for world = 1, 2 do
    if uses[world] then
      local _, levels, nodes = index_of(world == 2)
      for level, by in pairs(levels_by[world]) do
        if by > 0 then call('HINCRBY', levels, level, format('%d', by)) end
      end
      send('HSET', nodes, risen[world])
    end
  end
  send('ZADD', LIST, listed)
  send('ZADD', NAMES, named)
  send('ZADD', EXPIRY, expire)
  send('HSET', ROWS, put)
  for world = 1, 2 do
    if uses[world] then
      local members, _, nodes = index_of(world == 2)
      send('ZADD', members, added[world])
      send('HSET', nodes, changed[world])
      send('ZREM', members, removed[world])
      send('HDEL', nodes, dropped[world])
    end
  end
  send('HDEL', ROWS, drop)
  for world = 1, 2 do
    if uses[world] then
      local _, levels, nodes = index_of(world == 2)
      send('HSET', nodes, fallen[world])
      for level, by in pairs(levels_by[world]) do
        if by < 0 and call('HINCRBY', levels, level, format('%d', by)) <= 0 then call('HDEL', levels, level) end
      end
    end
  end
  send('ZREM', LIST, unlisted)
  send('ZREM', EXPIRY, unexpire)
  send('ZREM', NAMES, unnamed)
  -- A grant that keeps growing does not keep every token it ever had: the oldest go (ids first), and
  -- are then answered as unknown, never as valid.
  for id in pairs(new_names) do
    local surplus = after[id] and call('ZLEXCOUNT', NAMES, '[R' .. id, '(R' .. id .. 'u') - NAMES_LIMIT or 0
    for _, kind in ipairs({ 'i', 't' }) do
      if surplus > 0 then
        local of_kind = 'R' .. id .. kind
        local oldest = call('ZRANGEBYLEX', NAMES, '[' .. of_kind, '(' .. of_kind .. 'g', 'LIMIT', '0', surplus)
        for i = 1, #oldest do call('ZREM', NAMES, oldest[i], 'N' .. sub(oldest[i], -17) .. id) end
        surplus = surplus - #oldest
      end
    end
  end
end

-- Too many expired rows in the way: tidies those away and asks for another call.
local function bury_and_come_again()
  before, after, new_names = {}, {}, {}
  commit()
  return { 'again', now_text }
end
