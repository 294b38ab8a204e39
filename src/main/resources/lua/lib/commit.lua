-- Writes a plan.

-- Redis takes a few thousand arguments through Lua's stack at most.
local ARGUMENTS = 2000

local function send(command, key, arguments)
  for i = 1, #arguments, ARGUMENTS do
    call(command, key, unpack(arguments, i, math.min(i + ARGUMENTS - 1, #arguments)))
  end
end

-- Counters are gone when they count nothing.
local function add(counts, field, by)
  if by ~= 0 and call('HINCRBY', counts, field, format('%d', by)) <= 0 then call('HDEL', counts, field) end
end

local function commit()
  local put, drop, listed, unlisted, expire, unexpire = {}, {}, {}, {}, {}, {}
  local added, removed, forks = { {}, {} }, { {}, {} }, { {}, {} }

  local function index(id, row, into, by)
    local smb = is_smb(row)
    local world = smb and 2 or 1
    local members = into[world]
    local owner, lo, hi, strength = owner_of(row), sub(row, 1, 16), sub(row, 17, 32), sub(row, 33, 33)
    local scored = by > 0
    local function member(text)
      if scored then members[#members + 1] = '0' end
      members[#members + 1] = text
    end
    if sub(row, 36, 36) == 'z' then
      member('P' .. strength .. lo .. id)
      member('Q' .. owner .. lo .. id)
      return
    end
    member(strength .. lo .. hi .. id)
    member('O' .. owner .. lo .. hi .. id)
    if strength == 'W' and lo < hi then
      local place = fork(lo, hi)
      member('L' .. place .. lo .. id)
      member('U' .. place .. hi .. id)
      forks[world][place] = (forks[world][place] or 0) + by
    end
  end
  local function forget_names(id, row)
    local names = {}
    if sub(row, 37, 37) == '1' then
      local members = call('ZRANGEBYLEX', NAMES, '[R' .. id, '(R' .. id .. 'u')
      for i = 1, #members do
        local known = sub(members[i], -17)
        names[#names + 1] = members[i]
        names[#names + 1] = 'N' .. known .. id
      end
      send('ZREM', NAMES, names)
    end
  end
  local function vanish(id, row)
    drop[#drop + 1] = id
    index(id, row, removed, -1)
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
        index(id, old, removed, -1)
        index(id, new, added, 1)
      end
    end
  end
  for id, new in pairs(after) do
    if new then
      put[#put + 1] = id
      put[#put + 1] = new
      local old = before[id]
      if not old then
        index(id, new, added, 1)
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

  send('HDEL', ROWS, drop)
  send('HSET', ROWS, put)
  for world = 1, 2 do
    local members, levels, nodes = index_of(world == 2)
    send('ZREM', members, removed[world])
    send('ZADD', members, added[world])
    local by_level = {}
    for place, by in pairs(forks[world]) do
      local level = sub(place, 1, 2)
      by_level[level] = (by_level[level] or 0) + by
      add(nodes, place, by)
    end
    for level, by in pairs(by_level) do add(levels, level, by) end
  end
  send('ZREM', LIST, unlisted)
  send('ZADD', LIST, listed)
  send('ZREM', EXPIRY, unexpire)
  send('ZADD', EXPIRY, expire)

  local named = {}
  for id, names in pairs(new_names) do
    if after[id] then
      for known in pairs(names) do
        local i = #named
        named[i + 1], named[i + 2], named[i + 3], named[i + 4] = '0', 'N' .. known .. id, '0', 'R' .. id .. known
      end
    end
  end
  send('ZADD', NAMES, named)
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
  keep_clock()
  return { 'again', now_text }
end
