-- Ranges: how an acquire merges and splits the rows of its owner, and what a release changes.
-- @include clock (now_text, next_number)
-- @include rows (lo_of, hi_of, strength_of, lifetime_of, aliased_of, before_aliased, after_aliased,
--   before_provisional, provisional_of, after_provisional, modes_of,
--   token_of, tail_of, bounds_of, merge_kind_of, id_of, session_of)
-- @include index (POSIX_INDEX, SMB_INDEX)
-- @include request (new_row)
-- @include intervals (within, remainder)
-- @include plan (after, owner_of, planned_ids_in, with_range, current, create, change, remove)
-- @include aliases (add_alias, inherit_aliases, inherit_tokens)
-- @include losses (inherit_losses)

-- Rows of one owner merge only when this is equal.
local function kind_of(row)
  return lifetime_of(row) == 's' and merge_kind_of(row) .. session_of(row) or merge_kind_of(row)
end

-- Live POSIX rows of an owner with a byte of [lo,hi], in no particular order: arrays of {id, row}. A script that died
-- may have left an entry that says more than its row, or a second one of the same row.
local function own_rows(owner, lo, hi)
  local found, seen = {}, {}
  local members = within(POSIX_INDEX, 'O' .. owner, lo, hi)
  for i = 1, #members do
    local id = id_of(members[i])
    local row = after[id] == nil and not seen[id] and current(id)
    seen[id] = true
    if row and lo_of(row) <= hi and hi_of(row) >= lo then found[#found + 1] = { id, row } end
  end
  local ids = planned_ids_in(lo, hi)
  for i = 1, #ids do
    local row = after[ids[i]]
    if owner_of(row) == owner then found[#found + 1] = { ids[i], row } end
  end
  return found
end

-- Cuts [lo,hi] out of a row that overlaps it. The left part keeps the id; the right part of a split gets a new one,
-- keeps the token and answers to earlier tokens.
local function subtract(id, row, lo, hi)
  local row_lo, row_hi = lo_of(row), hi_of(row)
  local left, right = remainder(row_lo, row_hi, lo, hi)
  if left then change(id, row, with_range(row, row_lo, left)) end
  if right then
    local behind = with_range(row, right, row_hi)
    if left then
      local right_id = next_number()
      inherit_tokens(right_id, id, row)
      add_alias('t' .. token_of(row), right_id)
      create(right_id, before_aliased(behind) .. '1' .. after_aliased(behind))
    else
      change(id, row, behind)
    end
  end
  if not left and not right then remove(id, row) end
end

-- Releases [lo,hi] of a POSIX owner; answers how many rows that touched.
local function release_range(owner, lo, hi)
  local rows = own_rows(owner, lo, hi)
  for i = 1, #rows do subtract(rows[i][1], rows[i][2], lo, hi) end
  return #rows
end

-- Grants a lock that no other owner stands in the way of; answers the id under which it stands. A grant from the queue
-- has its number already (confirm.lua).
local function acquire_posix(op)
  local lo, hi, merged, keep = op.lo, op.hi, {}, nil
  local kind = op.strength .. op.protocol .. op.lifetime .. op.session
  local rows = own_rows(op.owner, op.below, op.above)
  for i = 1, #rows do
    local id, row = rows[i][1], rows[i][2]
    local row_lo, row_hi = lo_of(row), hi_of(row)
    if kind_of(row) == kind then
      merged[#merged + 1] = rows[i]
      if row_lo < lo then lo = row_lo end
      if row_hi > hi then hi = row_hi end
      if not keep or id < keep[1] then keep = rows[i] end
    elseif row_lo <= op.hi and row_hi >= op.lo then
      subtract(id, row, op.lo, op.hi)
    end
  end
  if not keep then
    local token = op.number or next_number()
    create(token, new_row(op, lo, hi, '0', token, op.tail .. now_text))
    return token
  end
  local id, row = keep[1], keep[2]
  local tail = tail_of(row)
  if #merged == 1 and bounds_of(row) == lo .. hi and modes_of(row) == op.modes and not op.number then
    -- A repeat: the same token; only the lease begins again.
    local new = new_row(op, lo, hi, aliased_of(row), token_of(row), tail)
    change(id, row, before_provisional(new) .. provisional_of(row) .. after_provisional(new))
    return id
  end
  local token = next_number()
  for i = 1, #merged do
    local other_id, other = merged[i][1], merged[i][2]
    if other_id ~= id then
      inherit_aliases(id, other_id, other)
      inherit_losses(id, other_id, other)
      remove(other_id, other)
    end
  end
  add_alias('t' .. token, id)
  change(id, row, new_row(op, lo, hi, '1', token, tail))
  return id
end

-- Grants a lock, POSIX or SMB, that no other owner stands in the way of. SMB rows never merge.
local function acquire(op)
  if op.protocol ~= 's' then return acquire_posix(op) end
  local token = op.number or next_number()
  create(token, new_row(op, op.lo, op.hi, '0', token, op.tail .. now_text))
  return token
end

-- The live lock of an SMB handle with exactly this range that a release ends: an exclusive one first, then the
-- oldest.
local function exact_lock(owner, shape, lo, hi)
  local prefix = shape == 'z' and 'Q' .. owner .. lo or 'O' .. owner .. lo .. hi
  local members = call('ZRANGEBYLEX', SMB_INDEX, '[' .. prefix, '(' .. prefix .. 'g')
  local best_id, best
  for i = 1, #members do
    local id = id_of(members[i])
    local row = current(id)
    if row and (not best or (strength_of(row) == 'S' and strength_of(best) == 'W')) then best_id, best = id, row end
  end
  return best_id, best
end
