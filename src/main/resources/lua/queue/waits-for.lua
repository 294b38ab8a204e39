-- Whom POSIX waiters of one space wait for: the owners of locks of POSIX in their way, and the ids of earlier waiters.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Named is how many owners, and how many ids, are told of each waiter at most.
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol named ids...
-- In their order, as many of them as one script may look at, at least one. One that does not wait any more waits for
-- nobody. What could not be looked at of the first within the bounds of a script is left out.
-- @answer waits time (owners ids owner... id...)...
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now_text, begin_reading)
-- @include limits (BATCH_SIZE)
-- @include rows (lo_of, hi_of, strength_of)
-- @include waiters (WAITERS, is_waiting, asked_of)
local stale = begin_reading()
if stale then return stale end
local named = tonumber(ARGV.named)

-- Inside a function, because one function of Lua has 200 local variables at most.
local function look()
  -- @include intervals (within)
  -- @include index (POSIX_INDEX)
  -- @include plan (is_smb, owner_of)
  -- @include walk (walk)
  -- @include conflicts (blockers)
  -- @include queue (QUEUE, queue_of, queue_prefix, owner_prefix, queue_length, queued_id_of, request_of_waiter,
  --   holding_back)
  local queue = queue_of(false)
  local waiting_prefix, granted_prefix = queue_prefix(queue, 'w'), queue_prefix(queue, 'p')
  local looked -- entries and rows that were read for one waiter

  -- Visits the members before an entry, the last first, until visit(member) answers true.
  local function walk_back(index, from, before, visit)
    local upper, count = '(' .. before, 4
    while looked <= BATCH_SIZE do
      local members = call('ZREVRANGEBYLEX', index, upper, '[' .. from, 'LIMIT', '0', count)
      for i = 1, #members do
        if visit(members[i]) then return end
      end
      if #members < count then return end
      upper = '(' .. members[count]
      if count < 256 then count = count * 4 end
    end
  end

  -- How many locks an owner has in the range of a request.
  local function count_held(owner, op)
    return #within(POSIX_INDEX, 'O' .. owner, op.lo, op.hi, BATCH_SIZE)
  end

  -- Whether a waiter waits for all earlier waiters that are in the way of a later one: it wants all of its bytes,
  -- exclusively, and its owner neither holds one of them nor has another request in this queue.
  local function stands_for_others(row, op)
    return strength_of(row) == 'S' and lo_of(row) <= op.lo and hi_of(row) >= op.hi
      and queue_length(owner_prefix(owner_of(row), queue)) == 1 and count_held(owner_of(row), op) == 0
  end

  -- The owners and the waiters in the way of one; nothing when the script had better end before it.
  local function in_the_way_of(id)
    local owners, ids, seen = {}, {}, {}
    local waiter = call('HGET', WAITERS, id)
    if not is_waiting(waiter) then return owners, ids end
    local op = request_of_waiter(waiter)
    seen[op.owner] = true
    -- Whether it passes another is seen in all that its owner holds.
    local cost = 1 + count_held(op.owner, op)
    walk_back(QUEUE, waiting_prefix, waiting_prefix .. id, function(entry)
      looked = looked + cost
      local other = holding_back(op, 'w', entry)
      local row = other and asked_of(other)
      if row and not is_smb(row) then
        ids[#ids + 1] = queued_id_of(entry)
        if #ids >= named or stands_for_others(row, op) then return true end
      end
      return looked > BATCH_SIZE
    end)
    local function add_owner(row)
      local owner = not is_smb(row) and owner_of(row)
      if owner and not seen[owner] then
        owners[#owners + 1] = owner
        seen[owner] = true
      end
      return #owners >= named
    end
    local found = blockers(op, named)
    if not found then return nil end
    looked = looked + #found
    for i = 1, #found do
      if add_owner(found[i][3]) then return owners, ids end
    end
    walk(QUEUE, granted_prefix, granted_prefix .. 'g', function(_, entry)
      looked = looked + 1
      local other = holding_back(op, 'p', entry)
      return other and add_owner(asked_of(other)) or looked > 2 * BATCH_SIZE
    end)
    return owners, ids
  end

  local reply, all_looked = { 'waits', now_text }, 0
  local function add(text) reply[#reply + 1] = text end
  for i = PLACE.ids, #ARGV do
    looked = 0
    local owners, ids = in_the_way_of(ARGV[i])
    if not owners then
      -- Expired locks of all that were looked at lie in the way. Those of the first are swept within a second.
      if i > PLACE.ids then break end
      owners, ids = {}, {}
    end
    add(format('%d', #owners))
    add(format('%d', #ids))
    for j = 1, #owners do add(owners[j]) end
    for j = 1, #ids do add(ids[j]) end
    all_looked = all_looked + looked
    if all_looked > BATCH_SIZE then break end
  end
  return reply
end

return look()
