-- A plan: all that a request would change, worked out by reading only; commit() then writes it. Nothing is written
-- before every check has passed, because a script can die half way in a slot that migrates.
-- @include text (sub, match, floor)
-- @include limits (BATCH_SIZE)
-- @include rows (bounds_of, after_hi, protocol_of, ROWS, TAIL, is_live)
-- @include index (POSIX_INDEX, POSIX_LEVELS, POSIX_NODES, SMB_INDEX, SMB_LEVELS, SMB_NODES)
-- An entry: <lo> <hi> <id>
-- @column planned_hi 17 32
-- @column planned_bounds 1 32
-- @column planned_id 33
local before, after = {}, {} -- rows by id: as they stand in Redis; as they shall stand (false = gone)
local entries = {} -- of the rows that the plan makes or changes, in order; one stays when its row changes again or goes
local highest_hi = {} -- for each entry the highest upper bound of it and of those before it
local unsorted = {} -- entries that stand in no order yet: sorted when somebody asks
local losses, more_losses = {}, {} -- what others took, by session or grant: texts of entries (losses.lua)
local count_delta = {} -- by owner: how many rows more
local rows_created, rows_removed = 0, 0 -- how many rows the plan makes, and takes away
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

-- How many texts of an ordered list are up to this one.
local function count_up_to(list, text)
  local from, to = 0, #list
  while from < to do
    local middle = floor((from + to + 1) / 2)
    if list[middle] <= text then from = middle else to = middle - 1 end
  end
  return from
end

local planned_ids_in
do
  local function insert_entry(entry)
    local i, hi = count_up_to(entries, entry) + 1, planned_hi_of(entry)
    table.insert(entries, i, entry)
    table.insert(highest_hi, i, highest_hi[i - 1] or '')
    while highest_hi[i] and highest_hi[i] < hi do
      highest_hi[i] = hi
      i = i + 1
    end
  end

  local FEW = 8
  -- Puts the unsorted entries where they belong. An undo makes thousands of rows and never asks for them, a batch makes
  -- one and asks.
  local function sort_entries()
    if #unsorted > FEW then
      for i = 1, #unsorted do entries[#entries + 1] = unsorted[i] end
      table.sort(entries)
      local highest = ''
      for i = 1, #entries do
        local hi = planned_hi_of(entries[i])
        if hi > highest then highest = hi end
        highest_hi[i] = highest
      end
    else
      for i = 1, #unsorted do insert_entry(unsorted[i]) end
    end
    unsorted = {}
  end

  -- The ids of the rows with a byte of [lo,hi] that the plan makes or changes, in no particular order.
  function planned_ids_in(lo, hi)
    if #unsorted > 0 then sort_entries() end
    local ids = {}
    for i = count_up_to(entries, hi .. 'g'), 1, -1 do
      local entry = entries[i]
      if highest_hi[i] < lo then return ids end
      local id = planned_id_of(entry)
      local row = after[id]
      -- Of the entries of one row only that of its range counts, once.
      if row and planned_hi_of(entry) >= lo and bounds_of(row) == planned_bounds_of(entry)
          and entry ~= entries[i - 1] then
        ids[#ids + 1] = id
      end
    end
    return ids
  end
end

local function create(id, row)
  after[id] = row
  unsorted[#unsorted + 1] = bounds_of(row) .. id
  local owner = owner_of(row)
  count_delta[owner] = (count_delta[owner] or 0) + 1
  rows_created = rows_created + 1
end

local function change(id, old, new)
  if after[id] == nil then before[id] = old end
  after[id] = new
  if new then unsorted[#unsorted + 1] = bounds_of(new) .. id end
end

local function remove(id, old)
  change(id, old, false)
  rows_removed = rows_removed + 1
  local owner = owner_of(old)
  count_delta[owner] = (count_delta[owner] or 0) - 1
end

-- Of what others took, entries come to a session or grant, and whether there were more. No more than a hundred are told
-- (loss_entries.lua).
local function add_losses(holder, lost, more)
  local its = losses[holder] or {}
  losses[holder] = its
  if #its <= 100 then its[#its + 1] = lost else more = true end
  more_losses[holder] = more_losses[holder] or more
end

-- Nothing of the plan is written any more but what purge() was told.
local function forget_plan()
  before, after, losses, more_losses = {}, {}, {}, {}
end
