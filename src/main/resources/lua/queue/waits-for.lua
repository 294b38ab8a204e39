-- Whom POSIX waiters of one space wait for: the owners of locks of POSIX in their way, and the ids of earlier waiters.
-- @keys meta result rows list chunks expiry aliases sessions
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol ids...
-- In their order, as many of them as one script may look at, at least one. One that does not wait any more waits for
-- nobody. At most 256 owners and 256 ids of each: it may wait for others too.
-- @answer waits time (owners ids owner... id...)...
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now_text, begin_reading)
-- @include limits (BATCH_SIZE)
-- @include rows (lo_of, hi_of, strength_of)
-- @include waiters (WAITERS, is_waiting, asked_of)
local stale = begin_reading()
if stale then return stale end
local MAX_NAMED = 256

-- Inside a function, because one function of Lua has 200 local variables at most.
local function look()
  -- @include plan (is_smb, owner_of)
  -- @include conflicts (walk, blockers)
  -- @include ranges (own_rows)
  -- @include queue (QUEUE, queue_of, queue_prefix, owner_prefix, queue_length, queued_id_of, request_of_waiter,
  --   holding_back)
  local looked = 0

  -- Visits the members before an entry, the last first, until visit(member) answers true.
  local function walk_back(index, from, before, visit)
    local upper, count = '(' .. before, 4
    while true do
      local members = call('ZREVRANGEBYLEX', index, upper, '[' .. from, 'LIMIT', '0', count)
      for i = 1, #members do
        looked = looked + 1
        if visit(members[i]) then return true end
      end
      if #members < count or looked > BATCH_SIZE then return false end
      upper = '(' .. members[count]
      if count < 256 then count = count * 4 end
    end
  end

  -- Whether a waiter waits for all else that is in the way of a later one: it wants all of its bytes, exclusively, and
  -- its owner neither holds one of them nor has another request in this queue.
  local function stands_for_others(row, op)
    return strength_of(row) == 'S' and lo_of(row) <= op.lo and hi_of(row) >= op.hi
      and queue_length(owner_prefix(owner_of(row), queue_of(false))) == 1
      and #own_rows(owner_of(row), op.lo, op.hi) == 0
  end

  -- The owners and the waiters in the way of one.
  local function in_the_way_of(id)
    local owners, ids, seen = {}, {}, {}
    local waiter = call('HGET', WAITERS, id)
    if not is_waiting(waiter) then return owners, ids end
    local op = request_of_waiter(waiter)
    seen[op.owner] = true
    local function add_owner(row)
      local owner = not is_smb(row) and owner_of(row)
      if owner and not seen[owner] then
        owners[#owners + 1] = owner
        seen[owner] = true
      end
      return #owners >= MAX_NAMED
    end
    local queue = queue_of(false)
    local waiting, granted = queue_prefix(queue, 'w'), queue_prefix(queue, 'p')
    local is_enough = walk_back(QUEUE, waiting, waiting .. id, function(entry)
      local other = holding_back(op, 'w', entry)
      local row = other and asked_of(other)
      if not row or is_smb(row) then return false end
      ids[#ids + 1] = queued_id_of(entry)
      return #ids >= MAX_NAMED or stands_for_others(row, op)
    end)
    if is_enough then return owners, ids end
    walk(QUEUE, granted, granted .. 'g', function(_, entry)
      local other = holding_back(op, 'p', entry)
      return other and add_owner(asked_of(other))
    end)
    -- Nothing when expired grants lie in the way: those are swept, and this is asked again.
    local found = blockers(op, MAX_NAMED) or {}
    looked = looked + #found
    for i = 1, #found do
      if add_owner(found[i][3]) then break end
    end
    return owners, ids
  end

  local reply = { 'waits', now_text }
  local function add(text) reply[#reply + 1] = text end
  for i = PLACE.ids, #ARGV do
    local owners, ids = in_the_way_of(ARGV[i])
    looked = looked + 1
    add(format('%d', #owners))
    add(format('%d', #ids))
    for j = 1, #owners do add(owners[j]) end
    for j = 1, #ids do add(ids[j]) end
    if looked > BATCH_SIZE then break end
  end
  return reply
end

return look()
