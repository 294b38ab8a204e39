-- What a plan changes, as events.
-- @include clock (listened)
-- @include rows (lo_of, hi_of, lifetime_of, modes_of, merge_kind_of, ROWS, is_in_time, is_live, session_of)
-- @include copies (copy_state_of, live_copy)
-- @include plan (before, after, expired, is_smb, owner_of, with_range)
-- @include walk (walk)
-- @include opens (opens)
-- @include uncovered (uncovered)
-- @include events (tell)
local waiter_of = {} -- by the id of a grant: its waiter

-- Says that the plan confirms what a waiter was granted.
local function confirms(grant, waiter)
  waiter_of[grant] = waiter
end

-- How a lock ends: it is released, also by the end of its session; or it has expired, also with its session. A range
-- ends as the opens of its handle have ended, when it would be live but for these.
local end_of
do
  local function is_over(row)
    local _, copy = live_copy(session_of(row))
    return lifetime_of(row) == 's' and copy and copy_state_of(copy) == 'e'
  end

  local opens_are_over = {} -- by SMB owner: asked once for all of its ranges

  local function has_ended_opens(owner)
    if opens_are_over[owner] == nil then
      local found, prefix = false, opens.prefix(owner)
      walk(KEYS.opens, prefix, prefix .. 'g', function(id)
        found = is_over(call('HGET', ROWS, id)) or false
        return found
      end)
      opens_are_over[owner] = found
    end
    return opens_are_over[owner]
  end

  function end_of(row)
    if is_live(row) or is_over(row) then return 'r' end
    return is_in_time(row) and has_ended_opens(owner_of(row)) and 'r' or 'x'
  end
end

local breaking = false

-- Says that what the plan takes away is broken.
local function tell_as_broken()
  breaking = true
end

local tell_changes
do
  local function put_under(rows_by, key, row)
    local rows = rows_by[key] or {}
    rows[#rows + 1] = row
    rows_by[key] = rows
  end

  -- Rows whose bytes an owner holds in one way.
  local function held_as(row)
    return owner_of(row) .. merge_kind_of(row) .. modes_of(row) .. session_of(row)
  end

  local function in_order(a, b)
    return a[1] < b[1] or a[1] == b[1] and a[2] < b[2]
  end

  -- First all that ends, then all that is granted: whoever applies the events in order never has two locks that keep
  -- each other away. Of POSIX rows the bytes count that their owner held and holds, so a cut tells the bytes that
  -- became free, a merge and a change of mode the row that stands; SMB rows come and go whole.
  function tell_changes()
    if not tell() then return end
    local ends, grants, held, kept = {}, {}, {}, {}
    for id, row in pairs(expired) do ends[#ends + 1] = { id, row } end
    for _, row in pairs(before) do
      if not is_smb(row) then put_under(held, held_as(row), row) end
    end
    for _, row in pairs(after) do
      if row and not is_smb(row) then put_under(kept, owner_of(row), row) end
    end
    for _, rows in pairs(held) do table.sort(rows) end
    for _, rows in pairs(kept) do table.sort(rows) end
    for id, row in pairs(before) do
      if is_smb(row) then
        if not after[id] then ends[#ends + 1] = { id, row } end
      else
        local parts = uncovered(lo_of(row), hi_of(row), kept[owner_of(row)] or {})
        for i = 1, #parts do ends[#ends + 1] = { id, with_range(row, parts[i][1], parts[i][2]) } end
      end
    end
    for id, row in pairs(after) do
      if row then
        local is_old
        if is_smb(row) then
          is_old = before[id]
        else
          is_old = #uncovered(lo_of(row), hi_of(row), held[held_as(row)] or {}) == 0
        end
        if not is_old or waiter_of[id] then grants[#grants + 1] = { id, row } end
      end
    end
    -- More than are kept could be read by nobody: a mark says as much.
    if #ends + #grants > tonumber(listened) then
      tell('s', '', '', '')
      return
    end
    table.sort(ends, in_order)
    table.sort(grants, in_order)
    for i = 1, #ends do
      local id, row = ends[i][1], ends[i][2]
      tell(breaking and not expired[id] and 'b' or end_of(row), id, row)
    end
    for i = 1, #grants do tell('g', grants[i][1], grants[i][2], waiter_of[grants[i][1]]) end
  end
end
