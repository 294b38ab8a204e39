-- Writes a plan. A script may die after any of its writes (a missing right, a fault of the server), so their order is
-- this: the counter before the numbers drawn from it; events; entries that only say too much (newest, lists, levels,
-- nodes' counts, aliases, deadlines) before the rows; rows before the entries that name them; new entries before the
-- old ones go, so that what stays held is held throughout; and last the deletions without which entries only say too
-- much. So half a plan blocks nobody with a grant that cannot be listed, and `lockgate --repair` completes it from the
-- rows.
-- @include text (format)
-- @include clock (NEWEST_BYTES, counter_before, newest, number_text, keep_clock)
-- @include limits (ALIASES_LIMIT)
-- @include rows (lo_of, hi_of, strength_of, shape_of, aliased_of, deadline_of, indexed_of, alias_of, ROWS, ALIASES,
--   NO_DEADLINE)
-- @include lists (is_newest, has_newest, with_ids, group, list_ids, unlist_ids, write_lists, group_newest)
-- @include index (range_lo_of, range_hi_of, range_id_of, level_of, fork_place, ONE_RANGE)
-- @include plan (before, after, expired, is_smb, owner_of, index_of)
-- @include opens (opens)
-- @include aliases (new_aliases, stale_aliases)
-- @include losses (keep_losses)
-- @include loss_entries (LOSSES)
-- @include changes (tell_changes)
-- @include send (send)

local commit
do
  local NODES_AT_ONCE = 256

  -- Entries of ranges, <lo> <hi> <id>, that share a fork node.
  local function list_at(place, ranges, members, scored)
    local function member(text)
      if scored then members[#members + 1] = '0' end
      members[#members + 1] = text
    end
    for i = 1, #ranges do
      local id = range_id_of(ranges[i])
      member('L' .. place .. range_lo_of(ranges[i]) .. id)
      member('U' .. place .. range_hi_of(ranges[i]) .. id)
    end
  end

  function commit()
    local put, drop, drop_opens, expire, unexpire = {}, {}, {}, {}, {}
    local aliases_gone, losses_gone = stale_aliases, {}
    local lists, listed, lists_left, unlisted, new_ids = {}, {}, {}, {}, {}
    local late_ids = {} -- drawn before others that are among the newest: of a confirmed grant (queue.lua)
    local newest_before = number_text(counter_before)
    local added, removed, forks = { {}, {} }, { {}, {} }, { {}, {} }
    local uses, shrinks = { false, false }, { false, false } -- 1 POSIX, 2 SMB
    local opens_come, opens_gone = {}, {}

    local function index(id, row, into, scored)
      if shape_of(row) == 'o' then
        local entries = opens.entries(id, row)
        for i = 1, #entries do
          if scored then opens_come[#opens_come + 1] = '0' end
          local its = scored and opens_come or opens_gone
          its[#its + 1] = entries[i]
        end
        return
      end
      local smb = is_smb(row)
      local semantics = smb and 2 or 1
      uses[semantics] = true
      local members = into[semantics]
      local owner, lo, hi, strength = owner_of(row), lo_of(row), hi_of(row), strength_of(row)
      local function member(text)
        if scored then members[#members + 1] = '0' end
        members[#members + 1] = text
      end
      if shape_of(row) == 'z' then
        member('P' .. strength .. lo .. id)
        member('Q' .. owner .. lo .. id)
        return
      end
      member(strength == 'S' and 'S' .. hi .. lo .. id or 'W' .. lo .. hi .. id)
      member('O' .. owner .. lo .. hi .. id)
      if strength == 'W' and lo < hi then
        local place = fork_place(lo, hi)
        local moves = forks[semantics][place]
        if not moves then
          moves = { come = {}, gone = {} }
          forks[semantics][place] = moves
        end
        local ranges = scored and moves.come or moves.gone
        ranges[#ranges + 1] = lo .. hi .. id
      end
    end
    -- Says what a fork node holds afterwards: its only range, or the number of those that have entries of their own.
    local function update_node(semantics, place, node, raised, changed, lowered, emptied)
      local come, gone = forks[semantics][place].come, forks[semantics][place].gone
      local left
      if node and #node < ONE_RANGE then
        left = tonumber(node) + #come - #gone
        shrinks[semantics] = shrinks[semantics] or (#come > 0 and #gone > 0)
        list_at(place, gone, removed[semantics], false)
      else
        if node and gone[1] ~= node then come[#come + 1] = node end
        left = #come
        if left == 1 then
          changed[#changed + 1], changed[#changed + 2] = place, come[1]
          return
        end
      end
      list_at(place, come, added[semantics], true)
      if left <= 0 then
        emptied[#emptied + 1] = place
        return
      end
      local count = node and #node < ONE_RANGE and tonumber(node)
      local into = not count and changed or left > count and raised or lowered
      if left ~= count then into[#into + 1], into[#into + 2] = place, tostring(left) end
    end
    local function forget_aliases(id, row)
      if aliased_of(row) == '1' then
        losses_gone[#losses_gone + 1] = 'L' .. id
        local members = call('ZRANGEBYLEX', ALIASES, '[R' .. id, '(R' .. id .. 'u')
        for i = 1, #members do
          local alias = alias_of(members[i])
          aliases_gone[#aliases_gone + 1] = members[i]
          aliases_gone[#aliases_gone + 1] = 'N' .. alias .. id
        end
      end
    end
    local function delete_row(id, row)
      local ids = shape_of(row) == 'o' and drop_opens or drop
      ids[#ids + 1] = id
      index(id, row, removed, false)
      if not is_newest(id) then group(lists_left, unlisted, id, row) end
      if deadline_of(row) ~= NO_DEADLINE then unexpire[#unexpire + 1] = id end
      forget_aliases(id, row)
    end

    for id, row in pairs(expired) do
      -- The plan puts nothing in the place of an expired row: an id is drawn once.
      delete_row(id, row)
    end
    for id, old in pairs(before) do
      local new = after[id]
      if not new then
        delete_row(id, old)
      else
        if indexed_of(old) ~= indexed_of(new) then
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
          if id > newest_before then
            new_ids[#new_ids + 1] = id
          elseif is_newest(id) then
            if not has_newest(id) then late_ids[#late_ids + 1] = id end
          else
            group(lists, listed, id, new)
          end
        end
        local deadline = deadline_of(new)
        if deadline ~= NO_DEADLINE and (not old or deadline_of(old) ~= deadline) then
          expire[#expire + 1] = deadline
          expire[#expire + 1] = id
        end
      end
    end

    local raised, changed, lowered, emptied, levels_by = { {}, {} }, { {}, {} }, { {}, {} }, { {}, {} }, { {}, {} }
    for semantics = 1, 2 do
      local _, _, nodes = index_of(semantics == 2)
      local places = {}
      for place, moves in pairs(forks[semantics]) do
        local level = level_of(place)
        levels_by[semantics][level] = (levels_by[semantics][level] or 0) + #moves.come - #moves.gone
        places[#places + 1] = place
      end
      for from = 1, #places, NODES_AT_ONCE do
        local to = math.min(from + NODES_AT_ONCE - 1, #places)
        local found = call('HMGET', nodes, unpack(places, from, to))
        for i = from, to do
          update_node(semantics, places[i], found[i - from + 1],
            raised[semantics], changed[semantics], lowered[semantics], emptied[semantics])
        end
      end
      -- A range that shrinks may keep an entry of its node.
      if shrinks[semantics] then
        local stays, gone = {}, {}
        for i = 2, #added[semantics], 2 do stays[added[semantics][i]] = true end
        for i = 1, #removed[semantics] do
          local member = removed[semantics][i]
          if not stays[member] then gone[#gone + 1] = member end
        end
        removed[semantics] = gone
      end
    end
    local aliases_come = {}
    for id, aliases in pairs(new_aliases) do
      if after[id] then
        for alias in pairs(aliases) do
          local i = #aliases_come
          aliases_come[i + 1], aliases_come[i + 2] = '0', 'N' .. alias .. id
          aliases_come[i + 3], aliases_come[i + 4] = '0', 'R' .. id .. alias
        end
      end
    end

    -- New grants are among the newest. When those become too many they are listed, and with them the new ones if these
    -- alone are too many.
    table.sort(new_ids)
    local newest_after = with_ids(newest, late_ids) .. table.concat(new_ids)
    local is_changed = #new_ids + #late_ids > 0
    local overflows = is_changed and #newest_after > NEWEST_BYTES
    if overflows then
      group_newest(lists, listed, function(id) return expired[id] or after[id] == false end)
      for i = 1, #late_ids do group(lists, listed, late_ids[i], after[late_ids[i]]) end
      if #late_ids > 0 then
        for _, ids in pairs(listed) do table.sort(ids) end
      end
      newest_after = table.concat(new_ids)
      if #newest_after > NEWEST_BYTES then
        for i = 1, #new_ids do group(lists, listed, new_ids[i], after[new_ids[i]]) end
        newest_after = ''
      end
    end
    local listing = list_ids(lists, listed)
    keep_clock(not overflows and is_changed and newest_after or nil)
    tell_changes()
    write_lists(listing)
    if overflows then keep_clock(newest_after) end
    local unlisting = unlist_ids(lists_left, unlisted)
    for semantics = 1, 2 do
      if uses[semantics] then
        local _, levels, nodes = index_of(semantics == 2)
        for level, by in pairs(levels_by[semantics]) do
          if by > 0 then call('HINCRBY', levels, level, format('%d', by)) end
        end
        send('HSET', nodes, raised[semantics])
      end
    end
    keep_losses()
    send('ZADD', ALIASES, aliases_come)
    send('ZADD', KEYS.expiry, expire)
    send('HSET', ROWS, put)
    for semantics = 1, 2 do
      if uses[semantics] then
        local members, _, nodes = index_of(semantics == 2)
        send('ZADD', members, added[semantics])
        send('HSET', nodes, changed[semantics])
        send('ZREM', members, removed[semantics])
        send('HDEL', nodes, emptied[semantics])
      end
    end
    send('ZADD', KEYS.opens, opens_come)
    send('HDEL', ROWS, drop)
    -- Behind the ranges of their handles, which would count again without them.
    send('ZREM', KEYS.opens, opens_gone)
    send('HDEL', ROWS, drop_opens)
    for semantics = 1, 2 do
      if uses[semantics] then
        local _, levels, nodes = index_of(semantics == 2)
        send('HSET', nodes, lowered[semantics])
        for level, by in pairs(levels_by[semantics]) do
          if by < 0 and call('HINCRBY', levels, level, format('%d', by)) <= 0 then call('HDEL', levels, level) end
        end
      end
    end
    write_lists(unlisting)
    send('ZREM', KEYS.expiry, unexpire)
    send('ZREM', ALIASES, aliases_gone)
    send('HDEL', LOSSES, losses_gone)
    -- A grant that keeps growing does not keep every token it ever had: the oldest go (ids first), and
    -- are then answered as unknown, never as valid.
    for id in pairs(new_aliases) do
      local surplus = after[id] and call('ZLEXCOUNT', ALIASES, '[R' .. id, '(R' .. id .. 'u') - ALIASES_LIMIT or 0
      for _, kind in ipairs({ 'i', 't' }) do
        if surplus > 0 then
          local of_kind = 'R' .. id .. kind
          local oldest = call('ZRANGEBYLEX', ALIASES, '[' .. of_kind, '(' .. of_kind .. 'g', 'LIMIT', '0', surplus)
          for i = 1, #oldest do call('ZREM', ALIASES, oldest[i], 'N' .. alias_of(oldest[i]) .. id) end
          surplus = surplus - #oldest
        end
      end
    end
  end
end
