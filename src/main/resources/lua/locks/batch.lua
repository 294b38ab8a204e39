-- Several releases and acquires in one space, all POSIX or all SMB, in this order. POSIX: all or nothing. SMB: one of
-- the two lists; acquires all or nothing, releases stop at the first that fails, and those before it stay released.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- @argv unlocks locks <unlock>... <lock>... grants_limit
-- The owner is a whole key, or what the keys of several begin with.
-- @group unlock semantics shape lo hi owner whole
-- For each lock its grant; then others that the batch has cut or made, of which there may be more.
-- @answer done time rows_touched whether_more (id row)...
-- An index counts from 0, in its list. The SMB lock to release is not there:
-- @answer missing time index
-- @answer refused time index whether_more (id row)...
-- @answer limit time index ranges|grants
-- The lock is for a session of which this bucket has no copy; which has ended; or which is another principal's.
-- @answer unregistered time session | ended time session | foreign time session
-- Expired grants lay in the way and are deleted now: ask again.
-- @answer again time
-- It was done for an earlier call with the same key, and one of its grants does not stand any more.
-- @answer lost time
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin, finish)
-- @include limits (BATCH_SIZE)
-- @include rows (lo_of, hi_of, told)
-- @include index (POSIX_INDEX)
-- @include request (read_lock)
-- @include enter (enter_session)
local answer = begin()
if answer then return answer end

-- Inside a function, because one function of Lua has 200 local variables at most.
local function unlock_then_lock()
  -- @include plan (after, owner_of, planned_ids_in, remove)
  -- @include opens (opens)
  -- @include conflicts (refusal)
  -- @include ranges (release_range, acquire, exact_lock)
  -- @include quota (owner_has_room, principal_has_room)
  -- @include rollback (rollback_record)
  -- @include queue (in_the_way, commit_and_serve, purge_and_retry)
  -- @include changed (add_changed)
  -- @include once (replay, remember)
  if KEYS.once then
    local repeated, lost = replay()
    if lost then return { 'lost', now_text } end
    if repeated then return repeated end
  end

  local unlocks, locks = tonumber(ARGV.unlocks), tonumber(ARGV.locks)

  -- First of all: a lock for a session that has ended refuses the batch, whatever stands in the way of the others.
  local ops, ids, place = {}, {}, PLACE.unlock + unlocks * SIZE.unlock
  for i = 1, locks do
    ops[i], place = read_lock(place)
    answer = ops[i].session ~= '' and enter_session(ops[i])
    if answer then return answer end
  end

  place = PLACE.unlock
  local touched, missing, GRANTS_LIMIT = 0, nil, tonumber(ARGV.grants_limit)

  -- POSIX owners whose key begins so, in the index and in the plan.
  local function owners_beginning(wanted)
    local owners, lower = {}, '[O' .. wanted
    while true do
      local member = call('ZRANGEBYLEX', POSIX_INDEX, lower, '(O' .. wanted .. '\255', 'LIMIT', '0', '1')[1]
      if not member then return owners end
      local owner = match(member, '^.([^\t]*\t[^\t]*\t[^\t]*\t)')
      owners[#owners + 1] = owner
      if #owners > BATCH_SIZE then return end
      lower = '(O' .. owner .. 'g'
    end
  end

  for i = 1, unlocks do
    local smb, shape = unlock_semantics_at(place) == 's', unlock_shape_at(place)
    local lo, hi = unlock_lo_at(place), unlock_hi_at(place)
    local owner, whole = unlock_owner_at(place), unlock_whole_at(place) == 'whole'
    place = place + SIZE.unlock
    if smb then
      local id, row = exact_lock(owner, shape, lo, hi)
      if not id then
        missing = i - 1
        break
      end
      remove(id, row)
      touched = touched + 1
    elseif whole then
      touched = touched + release_range(owner, lo, hi)
    else
      local owners = owners_beginning(owner)
      if not owners then return { 'limit', now_text, tostring(i - 1), 'ranges' } end
      for k = 1, #owners do touched = touched + release_range(owners[k], lo, hi) end
    end
  end
  if missing then
    commit_and_serve()
    return finish({ 'missing', now_text, tostring(missing) })
  end

  for i = 1, locks do
    local op = ops[i]
    if not opens.begins_anew(op) then return purge_and_retry() end
    local found, more = in_the_way(op)
    if not found then return purge_and_retry() end
    if #found > 0 then
      local reply = refusal(found, more)
      table.insert(reply, 3, tostring(i - 1))
      return reply
    end
    ids[i] = acquire(op)
    if not owner_has_room(op) then return { 'limit', now_text, tostring(i - 1), 'ranges' } end
    if not principal_has_room(op, GRANTS_LIMIT) then return { 'limit', now_text, tostring(i - 1), 'grants' } end
  end

  -- A later lock of the list may have absorbed an earlier one, or replaced its bytes.
  local reply, shown = { 'done', now_text, tostring(touched), '0' }, {}
  for i = 1, locks do
    local id = ids[i]
    local row = after[id]
    if not row or lo_of(row) > ops[i].lo or hi_of(row) < ops[i].lo then
      local others = planned_ids_in(ops[i].lo, ops[i].lo)
      for k = 1, #others do
        local other = after[others[k]]
        if owner_of(other) == ops[i].owner then id, row = others[k], other end
      end
    end
    shown[id] = true
    reply[#reply + 1] = id
    reply[#reply + 1] = told(row)
  end
  if add_changed(reply, shown) then reply[4] = '1' end
  local rollback = locks > 0 and rollback_record(ops, unlocks > 0)
  commit_and_serve()
  if not KEYS.once then return finish(reply, rollback) end
  remember(reply, 5, ops, rollback, true)
  return finish(reply)
end

return unlock_then_lock()
