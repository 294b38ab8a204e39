-- A plan: all that a request would change, worked out by reading only; commit() then writes it. Nothing is written
-- before every check has passed, because a script can die half way in a slot that migrates.
-- @include text (sub, match, floor)
-- @include limits (BATCH_SIZE)
-- @include rows (lo_of, hi_of, after_hi, protocol_of, ROWS, TAIL, is_live)
-- @include index (POSIX_INDEX, POSIX_LEVELS, POSIX_NODES, SMB_INDEX, SMB_LEVELS, SMB_NODES)
-- An entry: <lo> <id>
-- @column planned_lo 1 16
-- @column planned_id 17
local before, after = {}, {} -- rows by id: as they stand in Redis; as they shall stand (false = gone)
local entries = {} -- entries of the rows that shall stand, in order; an entry stays when its row changes or goes
local highest_hi = {} -- for each entry the highest upper bound that a row of it or of those before it had
local count_delta = {} -- by owner: how many rows more
local rows_created = 0 -- how many rows the plan makes
local expired, expired_count = {}, 0 -- expired rows met on the way, deleted with the commit
-- To delete a row takes about 15 us, and nobody else is served meanwhile: more than these go in further calls.
local MAX_PURGED = math.min(BATCH_SIZE, 100)

local function is_smb(row)
  return protocol_of(row) == 's'
end

-- The owner as the engine sees it: three fields in POSIX, the handle's two in SMB.
local function owner_of(row)
  return match(row, is_smb(row) and '^[^\t]*\t[^\t]*\t' or '^[^\t]*\t[^\t]*\t[^\t]*\t', TAIL)
end

-- What is left of a row still counts as granted by the request that granted the whole.
local function with_range(row, lo, hi)
  return lo .. hi .. after_hi(row)
end

-- The index of the POSIX or of the SMB locks. Here and not in index.lua, because an acquire in its common case pays
-- for no function that it does not call.
local function index_of(smb)
  if smb then return SMB_INDEX, SMB_LEVELS, SMB_NODES end
  return POSIX_INDEX, POSIX_LEVELS, POSIX_NODES
end

-- Deletes an expired row with the commit.
local function purge(id, row)
  if not expired[id] then expired[id], expired_count = row, expired_count + 1 end
end

-- The row of an id as the plan has it so far; nil when there is none, or only an expired one.
local function current(id)
  local row = after[id]
  if row ~= nil then return row or nil end
  row = call('HGET', ROWS, id)
  if not row then return error('index names a grant without a row (lockgate --repair): ' .. id) end
  if is_live(row) then return row end
  purge(id, row)
end

-- How many texts of an ordered list are not behind this one.
local function count_up_to(list, text)
  local from, to = 0, #list
  while from < to do
    local middle = floor((from + to + 1) / 2)
    if list[middle] <= text then from = middle else to = middle - 1 end
  end
  return from
end

local function enter_planned(id, row)
  local entry, hi = lo_of(row) .. id, hi_of(row)
  local i = count_up_to(entries, entry)
  if entries[i] ~= entry then
    i = i + 1
    table.insert(entries, i, entry)
    table.insert(highest_hi, i, highest_hi[i - 1] or '')
  end
  while highest_hi[i] and highest_hi[i] < hi do
    highest_hi[i] = hi
    i = i + 1
  end
end

-- The ids of the rows that shall stand and share a byte with [lo,hi], in no particular order.
local function planned_ids_in(lo, hi)
  local ids = {}
  for i = count_up_to(entries, hi .. 'g'), 1, -1 do
    if highest_hi[i] < lo then return ids end
    local id = planned_id_of(entries[i])
    local row = after[id]
    if row and hi_of(row) >= lo and lo_of(row) == planned_lo_of(entries[i]) then ids[#ids + 1] = id end
  end
  return ids
end

local function create(id, row)
  after[id] = row
  enter_planned(id, row)
  local owner = owner_of(row)
  count_delta[owner] = (count_delta[owner] or 0) + 1
  rows_created = rows_created + 1
end

local function change(id, old, new)
  if after[id] == nil then before[id] = old end
  after[id] = new
  if new then enter_planned(id, new) end
end

local function remove(id, old)
  change(id, old, false)
  local owner = owner_of(old)
  count_delta[owner] = (count_delta[owner] or 0) - 1
end

-- Nothing of the plan is written any more but what purge() was told.
local function forget_plan()
  before, after = {}, {}
end
