-- Acquires one lock, or says which grants and waiters stand in the way, or waits.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol <lock> grants_limit
-- Of a request that may wait, how long, and how many of its principal, and in one queue, may wait:
-- @argv wait_ms? of_principal_limit? in_queue_limit?
-- The grant; others of the owner that the call has cut or made.
-- @answer granted time id row (id row)...
-- @answer refused time whether_more (id row)...
-- @answer queued time waiter
-- @answer limit time ranges|grants|of_principal|in_queue
-- The lock is for a session of which this bucket has no copy; which has ended; or which is another principal's.
-- @answer unregistered time session | ended time session | foreign time session
-- Expired grants lay in the way and are deleted now: ask again.
-- @answer again time
-- It was granted to an earlier call with the same key, and does not stand any more.
-- @answer lost time
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (NEWEST_BYTES, newest, now_text, waiting, begin, next_number, keep_clock, finish)
-- @include index (exclusive_lo_of, owned_hi_of, level_of, POSIX_INDEX, POSIX_LEVELS, POSIX_NODES, SMB_INDEX,
--   SMB_LEVELS, SMB_NODES, fork_place, ONE_RANGE, shared_ranges_at)
-- @include rows (deadline_of, ROWS, told, principal_of, is_closed)
-- @include principal_rows (rows_of)
-- @include new_grant (reply_of_new_grant, finish_new_grant)
-- @include events (tell)
-- @include limits (RANGES_LIMIT, ENFORCED)
-- @include request (read_lock, new_row)
local answer = begin(reply_of_new_grant)
if answer then return answer end

local op, GRANTS_LIMIT = read_lock(PLACE.lock), tonumber(ARGV.grants_limit)
local smb, exclusive = op.protocol == 's', op.strength == 'S'
if op.session ~= '' then
  -- @include enter (enter_session)
  answer = enter_session(op)
  if answer then return answer end
end

-- Everything that needs a plan. Inside a function, because Lua makes every function again in each call of a script:
-- the common case below does not pay for these.
-- With true it only lists the newest grants, and leaves it to the caller to forget them.
local function planned(only_lists)
  -- @include plan (after)
  -- @include opens (opens)
  -- @include conflicts (refusal)
  -- @include ranges (acquire)
  -- @include quota (owner_has_room, principal_has_room)
  -- @include rollback (rollback_record)
  -- @include queue (in_the_way, queue_prefix, queue_of, queue_length, enqueue, commit_and_serve, purge_and_retry)
  -- @include lists (list_newest)
  -- @include changed (add_changed)
  -- @include once (replay, remember)
  if only_lists then return list_newest() end

  local function wait()
    if queue_length('P' .. principal_of(op.owner) .. '\t') >= tonumber(ARGV.of_principal_limit) then
      return { 'limit', now_text, 'of_principal' }
    end
    if queue_length(queue_prefix(queue_of(op.protocol == 's', op.shape), 'w')) >= tonumber(ARGV.in_queue_limit) then
      return { 'limit', now_text, 'in_queue' }
    end
    local reply = { 'queued', now_text, enqueue(op, tonumber(ARGV.wait_ms)) }
    local rollback = { waiter = reply[3] }
    if not KEYS.once then return finish(reply, rollback) end
    remember(reply, 4, {}, rollback, true)
    return finish(reply)
  end

  if KEYS.once then
    local repeated, lost = replay()
    if lost then return { 'lost', now_text } end
    if repeated then return repeated end
  end
  if not opens.begins_anew(op) then return purge_and_retry() end
  local found, more = in_the_way(op)
  if not found then return purge_and_retry() end
  if #found > 0 then return ARGV.wait_ms and wait() or refusal(found, more) end
  local id = acquire(op)
  if not owner_has_room(op) then return { 'limit', now_text, 'ranges' } end
  if not principal_has_room(op, tonumber(ARGV.grants_limit)) then return { 'limit', now_text, 'grants' } end
  local rollback = rollback_record({ op }, false)
  local reply = { 'granted', now_text, id, told(after[id]) }
  add_changed(reply, { [id] = true })
  commit_and_serve()
  if not KEYS.once then return finish(reply, rollback) end
  remember(reply, 3, { op }, rollback, true)
  return finish(reply)
end

-- The common case: no range in the way, not even an expired one, and none of the owner's own that overlaps or
-- touches.
local index, levels, nodes = POSIX_INDEX, POSIX_LEVELS, POSIX_NODES
if smb then index, levels, nodes = SMB_INDEX, SMB_LEVELS, SMB_NODES end
if ENFORCED or op.shape ~= 'r' or KEYS.once or waiting then return planned() end
if call('HLEN', ROWS) >= GRANTS_LIMIT and rows_of(principal_of(op.owner), GRANTS_LIMIT) >= GRANTS_LIMIT then
  return planned()
end

local function is_any(from, to)
  return #call('ZRANGEBYLEX', index, '[' .. from, '(' .. to, 'LIMIT', '0', '1') > 0
end
local nearest = call('ZRANGEBYLEX', index, '[S' .. op.lo, '(Sg', 'LIMIT', '0', '1')[1]
if nearest and exclusive_lo_of(nearest) <= op.hi then return planned() end
if exclusive then
  if is_any('W' .. op.lo, 'W' .. op.hi .. 'g') then return planned() end
  local single_ids, stretches = shared_ranges_at(call('HKEYS', levels), nodes, op.lo)
  if #single_ids > 0 then return planned() end
  for i = 1, #stretches, 2 do
    if is_any(stretches[i], stretches[i + 1]) then return planned() end
  end
end
if smb then
  if is_any('PS' .. op.lo .. 'g', 'PS' .. op.hi .. 'g') then return planned() end
  if exclusive and is_any('PW' .. op.lo .. 'g', 'PW' .. op.hi .. 'g') then return planned() end
end
local owner = 'O' .. op.owner
local owned = call('ZLEXCOUNT', index, '[' .. owner, '(' .. owner .. 'g')
if smb then
  local handle = match(KEYS.posix_index, ':posix:(.*)$') .. '\t' .. op.owner
  if is_closed(handle) then return planned() end
  owned = owned + call('ZLEXCOUNT', index, '[Q' .. op.owner, '(Q' .. op.owner .. 'g')
    + call('ZLEXCOUNT', KEYS.opens, '[H' .. handle, '(H' .. handle .. 'g')
end
if owned >= RANGES_LIMIT then return planned() end
if owned > 0 and not smb then
  nearest = call('ZREVRANGEBYLEX', index, '(' .. owner .. op.above .. 'g', '[' .. owner, 'LIMIT', '0', '1')[1]
  if nearest and owned_hi_of(nearest) >= op.below then return planned() end
end

local place = not exclusive and op.lo < op.hi and fork_place(op.lo, op.hi)
local node = place and call('HGET', nodes, place)
if node and #node == ONE_RANGE then return planned() end

-- Nothing is in the way: one row, and its entries. This layout is also written by commit.lua, and the record for a
-- rollback by rollback.lua; RedisIntegrityTest compares the two.
local id = next_number()
local row = new_row(op, op.lo, op.hi, '0', id, op.tail .. now_text)
local range = op.lo .. op.hi .. id
local bounds = exclusive and 'S' .. op.hi .. op.lo .. id or 'W' .. range
-- In the order that commit.lua explains. A grant among the newest is in no list (lists.lua).
if #newest >= NEWEST_BYTES then
  planned(true)
  keep_clock(id)
else
  keep_clock(newest .. id)
end
tell('g', id, row)
if node then call('HINCRBY', nodes, place, '1') end
if place then call('HINCRBY', levels, level_of(place), '1') end
if op.lease > 0 then call('ZADD', KEYS.expiry, deadline_of(row), id) end
call('HSET', ROWS, id, row)
if node then
  call('ZADD', index, '0', bounds, '0', owner .. range,
    '0', 'L' .. place .. op.lo .. id, '0', 'U' .. place .. op.hi .. id)
else
  call('ZADD', index, '0', bounds, '0', owner .. range)
  if place then call('HSET', nodes, place, range) end
end
answer = finish_new_grant(id, row)
if op.session ~= '' then answer[4] = told(row) end
return answer
