-- A plan: all that a request would change, worked out by reading only; commit() then writes it. Nothing is written
-- before every check has passed, because a script can die half way in a slot that migrates.
-- @include text (match)
-- @include limits (BATCH_SIZE)
-- @include rows (after_hi, protocol_of, ROWS, TAIL, is_live)
-- @include index (POSIX_INDEX, POSIX_LEVELS, POSIX_NODES, SMB_INDEX, SMB_LEVELS, SMB_NODES)
local before, after = {}, {} -- rows by id: as they stand in Redis; as they shall stand (false = gone)
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

local function create(id, row)
  after[id] = row
  local owner = owner_of(row)
  count_delta[owner] = (count_delta[owner] or 0) + 1
  rows_created = rows_created + 1
end

local function change(id, old, new)
  if after[id] == nil then before[id] = old end
  after[id] = new
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
