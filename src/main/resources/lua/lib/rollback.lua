-- The record by which undo.lua rolls back grants that nobody could be told of.
-- @include text (sub)
-- @include rows (lo_of, hi_of, strength_of, protocol_of, request_of, bounds_of)
-- @include plan (before, after, owner_of)
-- @include opens (opens)
-- @include uncovered (uncovered)
-- @include aliases (stored_aliases)
-- An entry of its written rows: <id> <lo> <hi> <request>
-- @column written_id 1 16

-- The rows of each POSIX owner that the plan changes, as they stand before it, in order. They are live, so they are
-- disjoint.
local function changed_by_owner()
  local rows_by_owner = {}
  for _, row in pairs(before) do
    local owner = owner_of(row)
    local rows = rows_by_owner[owner] or {}
    rows[#rows + 1] = row
    rows_by_owner[owner] = rows
  end
  for _, rows in pairs(rows_by_owner) do table.sort(rows) end
  return rows_by_owner
end

-- The record of a request that was granted a new row and changed nothing else; finish_new_grant() has kept the row.
local function record_of_new_grant(id, row)
  local smb, lo, hi = protocol_of(row) == 's', lo_of(row), hi_of(row)
  return {
    written = { id .. bounds_of(row) .. request_of(row) }, replaced = {},
    gained = smb and {} or { { owner_of(row), { { lo, hi } } } }, restorable = true, smb = smb,
  }
end

-- Of each row written its id, range and request, which tell whether anything has touched it since, and the rows
-- replaced, which are restored when that cannot take anything from anybody (nothing was released, nothing exclusive
-- became shared); else the bytes gained. Kept in Redis by finish(); read by the gateway that made the request.
local function rollback_record(ops, unlocked)
  local shared, exclusive_before = false, false
  local record = { written = {}, replaced = {}, gained = {}, restorable = false, smb = ops[1].protocol == 's' }
  local rows_by_owner = record.smb and {} or changed_by_owner()
  for i = 1, #ops do
    local op = ops[i]
    shared = shared or op.strength == 'W'
    if not record.smb then record.gained[i] = { op.owner, uncovered(op.lo, op.hi, rows_by_owner[op.owner] or {}) } end
  end
  for id, row in pairs(before) do
    exclusive_before = exclusive_before or strength_of(row) == 'S'
    record.replaced[#record.replaced + 1] = { id, row, stored_aliases(id, row) }
  end
  for id, row in pairs(after) do
    if row then record.written[#record.written + 1] = id .. bounds_of(row) .. request_of(row) end
  end
  record.restorable = not unlocked and not (shared and exclusive_before)
  local opens_of_handle = opens.prefix(ops[1].owner)
  record.first_open = ops[1].shape == 'o'
    and call('ZLEXCOUNT', KEYS.opens, '[' .. opens_of_handle, '(' .. opens_of_handle .. 'g') == 0
  return record
end
