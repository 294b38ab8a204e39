-- Quota: how many ranges an owner may have, and how many grants a principal.
-- @include text (format)
-- @include clock (lease_now)
-- @include limits (BATCH_SIZE, RANGES_LIMIT)
-- @include rows (id_of, ROWS, TAIL, is_live, principal_of)
-- @include principal_rows (rows_of)
-- @include plan (after, count_delta, rows_created, index_of, purge)
-- @include opens (opens)

-- Where the entries of an owner stand: the index, and what they begin with.
local function places_of_owner(smb, owner)
  local index = index_of(smb)
  if not smb then return { { index, 'O' .. owner } } end
  return { { index, 'O' .. owner }, { index, 'Q' .. owner }, { KEYS.opens, opens.prefix(owner) } }
end

-- Whether so many rows of the owner are expired; deletes them, so that an owner never has more rows than its limit.
local function purge_enough(places, wanted)
  for k = 1, #places do
    local index, prefix = places[k][1], places[k][2]
    local lower, upper = '[' .. prefix, '(' .. prefix .. 'g'
    while true do
      local members, ids = call('ZRANGEBYLEX', index, lower, upper, 'LIMIT', '0', 256), {}
      for i = 1, #members do ids[i] = id_of(members[i]) end
      local rows = #ids > 0 and call('HMGET', ROWS, unpack(ids)) or {}
      for i = 1, #ids do
        if after[ids[i]] == nil and rows[i] and not is_live(rows[i]) then
          purge(ids[i], rows[i])
          wanted = wanted - 1
          if wanted <= 0 then return true end
        end
      end
      if #members < 256 then break end
      lower = '(' .. members[256]
    end
  end
  return false
end

-- How many rows Redis has, asked for once: of each owner, and in the bucket.
local rows_held, rows_in_bucket = {}, nil

-- Whether the owner of op may have the plan's further rows.
local function owner_has_room(op)
  local more = count_delta[op.owner] or 0
  if more <= 0 then return true end
  local places, held = places_of_owner(op.protocol == 's', op.owner), rows_held[op.owner]
  if not held then
    held = 0
    for i = 1, #places do
      local index, prefix = places[i][1], places[i][2]
      held = held + call('ZLEXCOUNT', index, '[' .. prefix, '(' .. prefix .. 'g')
    end
    rows_held[op.owner] = held
  end
  local surplus = held + more - RANGES_LIMIT
  return surplus <= 0 or purge_enough(places, surplus)
end

-- Whether the principal of op may have the plan's further rows: a principal holds at most limit grants in the bucket,
-- those that have expired not counted. Nobody is over it while the whole bucket is not, so those of the
-- principal are counted only then. With more than BATCH_SIZE expired rows in the bucket nobody looks whose they
-- are, and the answer is yes until they are deleted.
local function principal_has_room(op, limit)
  rows_in_bucket = rows_in_bucket or call('HLEN', ROWS)
  if rows_in_bucket + rows_created <= limit then return true end
  local principal, surplus, more = principal_of(op.owner), -limit, 0
  for owner, by in pairs(count_delta) do
    if principal_of(owner) == principal then more = more + by end
  end
  if more <= 0 then return true end
  surplus = surplus + more + rows_of(principal, limit - more + 1)
  if surplus <= 0 then return true end
  local ids = call('ZRANGEBYSCORE', KEYS.expiry, '-inf', lease_now, 'LIMIT', '0', format('%d', BATCH_SIZE + 1))
  if #ids > BATCH_SIZE then return true end
  for from = 1, #ids, 256 do
    local rows = call('HMGET', ROWS, unpack(ids, from, math.min(from + 255, #ids)))
    for i = 1, #rows do
      if rows[i] and principal_of(rows[i], TAIL) == principal then surplus = surplus - 1 end
    end
  end
  return surplus <= 0
end
