-- Opens of SMB: what a handle does with a stream (read, write, delete) and what it denies to all others. Two opens
-- conflict when one does what the other denies, whoever they belong to (MS-FSA 2.1.5.1.2.2). A handle may have several
-- in a space; its ranges there end with its last open.
--
-- An open's row has no range: lo and hi are both its share modes, 10 zeros and then six digits, 1 for each of does
-- read, does write, does delete, denies read, denies write, denies delete. KEYS.opens is a sorted set, all scores 0,
-- for all spaces of the bucket:
--
--   H <space> TAB <owner> <id>     by handle
--   A <1|2|3> <space> TAB <id>     those that read (1), write (2), delete (3)
--   D <1|2|3> <space> TAB <id>     those that deny it
--
-- Of a handle whose opens have all ended the ranges are not live (is_closed() in rows.lua): so its ranges are deleted
-- first, and an open that has ended stays until there are none, however many scripts that takes.
-- @include text (match, sub)
-- @include rows (lo_of, ROWS, is_in_time, is_closed)
-- @include index (SMB_INDEX)
-- @include walk (walk)
-- @include plan (after, expired, expired_count, MAX_PURGED, owner_of, purge, current, remove)
local SPACE = match(KEYS.posix_index, ':posix:(.*)$')
local opens = { EVERYTHING = '0000000000111111' } -- and its functions; the share modes that do all and deny all
do
  local DOES, DENIES = 10, 13 -- digits before those of what an open does, and of what it denies

  local function is_set(modes, i)
    return sub(modes, i, i) == '1'
  end

  function opens.conflict(one, other)
    for i = 1, 3 do
      if is_set(one, DOES + i) and is_set(other, DENIES + i) then return true end
      if is_set(one, DENIES + i) and is_set(other, DOES + i) then return true end
    end
    return false
  end

  -- The share modes of both.
  function opens.union(one, other)
    local digits = {}
    for i = DOES + 1, #one do digits[#digits + 1] = (is_set(one, i) or is_set(other, i)) and '1' or '0' end
    return sub(one, 1, DOES) .. table.concat(digits)
  end

  -- What entries of an owner's opens in this space begin with.
  function opens.prefix(owner)
    return 'H' .. SPACE .. '\t' .. owner
  end

  -- The entries of an open.
  function opens.entries(id, row)
    local entries, modes = { opens.prefix(owner_of(row)) .. id }, lo_of(row)
    for i = 1, 3 do
      if is_set(modes, DOES + i) then entries[#entries + 1] = 'A' .. i .. SPACE .. '\t' .. id end
      if is_set(modes, DENIES + i) then entries[#entries + 1] = 'D' .. i .. SPACE .. '\t' .. id end
    end
    return entries
  end

  -- Visits the opens of an owner in this space, as the plan has them, until visit(id, row) answers true.
  function opens.walk(owner, visit)
    local prefix = opens.prefix(owner)
    walk(KEYS.opens, prefix, prefix .. 'g', function(id)
      local row = after[id]
      if row == nil and not expired[id] then row = call('HGET', ROWS, id) end
      return row and visit(id, row)
    end)
  end

  -- A live open of an owner, as Redis has it; nil for none.
  local any_open = {} -- by owner
  function opens.any(owner)
    if any_open[owner] == nil then
      any_open[owner] = false
      local prefix = opens.prefix(owner)
      walk(KEYS.opens, prefix, prefix .. 'g', function(id)
        if is_in_time(call('HGET', ROWS, id)) then any_open[owner] = id end
        return any_open[owner]
      end)
    end
    return any_open[owner] or nil
  end

  -- Visits the ranges of an owner in this space, whether they are live or not.
  local function walk_ranges(owner, visit)
    local ended = false
    for _, prefix in ipairs({ 'O' .. owner, 'Q' .. owner }) do
      if not ended then
        walk(SMB_INDEX, prefix, prefix .. 'g', function(id)
          local row = after[id] == nil and not expired[id] and call('HGET', ROWS, id)
          ended = row and visit(id, row)
          return ended
        end)
      end
    end
  end

  -- Purges what a closed handle has left until so many rows are purged. Answers whether nothing is left.
  local function purge_closed(owner, most)
    local function visit(id, row)
      if expired_count >= most then return true end
      purge(id, row)
    end
    walk_ranges(owner, visit)
    if expired_count < most then opens.walk(owner, visit) end
    return expired_count < most
  end

  -- To be asked before an owner is granted a lock. True unless the opens of its handle have all ended and something of
  -- it is left: that is purged then, by a commit of its own. Beside a new open a script that died would leave ranges
  -- that count again.
  function opens.begins_anew(op)
    if op.protocol ~= 's' or not is_closed(SPACE .. '\t' .. op.owner) then return true end
    purge_closed(op.owner, MAX_PURGED)
    return false
  end

  -- Purges an open that has ended, and with the last of its handle the ranges.
  function opens.purge(id, row, most)
    if is_closed(SPACE .. '\t' .. owner_of(row)) then
      purge_closed(owner_of(row), most)
    else
      purge(id, row)
    end
  end

  -- Ends opens of an owner, given by id. With its last open end its ranges.
  function opens.finish(owner, rows)
    for id, row in pairs(rows) do remove(id, row) end
    local is_open = false
    opens.walk(owner, function(_, row)
      is_open = is_in_time(row)
      return is_open
    end)
    if is_open then return end
    walk_ranges(owner, function(id)
      local row = current(id)
      if row then remove(id, row) end
    end)
    opens.walk(owner, function(id, row)
      if after[id] == nil then purge(id, row) end
    end)
  end

  -- Whether an owner has an open that does and denies at least as much.
  function opens.has(owner, modes)
    local found = false
    opens.walk(owner, function(_, row)
      local own = lo_of(row)
      found = is_in_time(row)
      for i = DOES + 1, #modes do
        found = found and (not is_set(modes, i) or is_set(own, i))
      end
      return found
    end)
    return found
  end

  -- As blockers() in conflicts.lua, the oldest first. Each list is in this order, so of each one more than wanted is
  -- enough.
  function opens.in_the_way(op, wanted)
    local found, seen, ended, ended_count = {}, {}, {}, 0
    local function ask(letter, kind)
      local prefix, counted = letter .. kind .. SPACE .. '\t', 0
      walk(KEYS.opens, prefix, prefix .. 'g', function(id)
        local row = after[id]
        if row == nil then row = not expired[id] and call('HGET', ROWS, id) end
        if row and is_in_time(row) then
          counted = counted + 1
          if not seen[id] then found[#found + 1] = { op.lo, id, row } end
          seen[id] = true
        elseif row and not ended[id] then
          ended[id], ended_count = row, ended_count + 1
        end
        return counted > wanted or ended_count > MAX_PURGED
      end)
    end
    for i = 1, 3 do
      if is_set(op.lo, DENIES + i) then ask('A', i) end
      if is_set(op.lo, DOES + i) then ask('D', i) end
    end
    if ended_count > MAX_PURGED then
      for id, row in pairs(ended) do
        if expired_count <= MAX_PURGED then opens.purge(id, row, MAX_PURGED) end
      end
      return
    end
    table.sort(found, function(a, b) return a[2] < b[2] end)
    local more = #found > wanted
    for i = #found, wanted + 1, -1 do found[i] = nil end
    return found, more
  end
end
