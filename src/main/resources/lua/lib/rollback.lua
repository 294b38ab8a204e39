-- The record by which undo.lua rolls back grants that nobody could be told of.
-- @include text (sub)
-- @include rows (lo_of, hi_of, strength_of, protocol_of, request_of, bounds_of)
-- @include arithmetic (dec, inc)
-- @include plan (before, after, owner_of)
-- @include aliases (stored_aliases)
-- An entry of its written rows: <id> <lo> <hi> <request>
-- @column written_id 1 16

-- The parts of an asked POSIX range that its owner did not hold before, as {lo, hi}.
local function gained(op)
  local held, parts, lo = {}, {}, op.lo
  for _, row in pairs(before) do
    if owner_of(row) == op.owner and lo_of(row) <= op.hi and hi_of(row) >= op.lo then held[#held + 1] = row end
  end
  table.sort(held)
  for i = 1, #held do
    local row_lo, row_hi = lo_of(held[i]), hi_of(held[i])
    if row_lo > lo then parts[#parts + 1] = { lo, dec(row_lo) } end
    if row_hi >= op.hi then return parts end
    lo = inc(row_hi)
  end
  parts[#parts + 1] = { lo, op.hi }
  return parts
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
  for i = 1, #ops do
    shared = shared or ops[i].strength == 'W'
    if not record.smb then record.gained[i] = { ops[i].owner, gained(ops[i]) } end
  end
  for id, row in pairs(before) do
    exclusive_before = exclusive_before or strength_of(row) == 'S'
    record.replaced[#record.replaced + 1] = { id, row, stored_aliases(id, row) }
  end
  for id, row in pairs(after) do
    if row then record.written[#record.written + 1] = id .. bounds_of(row) .. request_of(row) end
  end
  record.restorable = not unlocked and not (shared and exclusive_before)
  return record
end
