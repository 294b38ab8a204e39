-- The queues of one space: who is held back by whom, and who is served when bytes become free.
--
-- KEYS.queue is a sorted set, all scores 0. Entries of a waiter, each ending in its id, and range and kind behind that:
--
--   <space> TAB <queue> w <id> ...           it waits
--   <space> TAB <queue> p <id> ...           it was granted, and is not confirmed yet
--   O<owner> <space> TAB <queue> <id> ...    the same by owner; it ends in a tab, and a space begins with a digit
--   P<principal> TAB <id> ...                and by principal
--   S<session> TAB <id> ...                  and by session, if it asks for one
--
-- A queue is p (POSIX), s (SMB), or e (both, where they keep each other away); or o (opens of SMB). The flag "waiting"
-- in meta says that there are entries: without it no script looks here. It is set before the first entry and goes
-- behind the last.
-- @include text (format, sub, match)
-- @include hex (ZERO)
-- @include arithmetic (inc)
-- @include clock (META, now, now_text, waiting, next_number, keep_clock)
-- @include limits (BATCH_SIZE, ENFORCED)
-- @include rows (lo_of, hi_of, strength_of, protocol_of, lifetime_of, shape_of, before_provisional, after_provisional,
--   modes_of, before_deadline, after_deadline, bounds_of, ROWS, TAIL, NO_DEADLINE, is_live, session_of, principal_of)
-- @include waiters (state_of, wait_until_of, granted_id_of, asked_lease_of, asked_of, WAITERS, POLL_WITHIN_MS,
--   has_live_session, is_waiting, is_provisional, told_waiter, told_id, after_granted_id)
-- @include intervals (widened)
-- @include index (SMB_INDEX)
-- @include request (new_row)
-- @include plan (before, after, expired, is_smb, owner_of, forget_plan)
-- @include walk (walk)
-- @include opens (SPACE, opens)
-- @include conflicts (MAX_BLOCKERS, overlap, blockers)
-- @include ranges (own_rows)
-- @include events (tell)
-- @include changes (end_of)
-- @include commit (commit)
-- Of an entry, counted from its end.
-- @column queued_id -51 -36
-- @column queued_lo -35 -20
-- @column queued_hi -19 -4
-- @column queued_strength -3 -3
-- @column queued_shape -2 -2
-- @column queued_protocol -1
local QUEUE, WAITING_DUE = KEYS.queue, KEYS.waiting_due
local CONFIRM_WITHIN_MS, OUTCOME_KEPT_MS = 5000, 60000
local WAKE_CHANNEL = match(META, '^[^{]*') .. 'wake'
local SERVED_AT_ONCE = 64

local function queue_of(smb, shape)
  return shape == 'o' and shape or ENFORCED and 'e' or smb and 's' or 'p'
end

-- What entries of a state of a queue begin with: w or p.
local function queue_prefix(queue, state)
  return SPACE .. '\t' .. queue .. state
end

-- What entries of an owner in a queue begin with.
local function owner_prefix(owner, queue)
  return 'O' .. owner .. SPACE .. '\t' .. queue
end

-- The request that a row was made of, as read_lock() makes one, with the length of its lease.
local function request_of_row(row, lease)
  local below, above = widened(lo_of(row), hi_of(row))
  return {
    protocol = protocol_of(row), strength = strength_of(row), modes = modes_of(row), lifetime = lifetime_of(row),
    lease = lease, session = session_of(row), shape = shape_of(row),
    lo = lo_of(row), hi = hi_of(row), below = below, above = above,
    owner = owner_of(row), tail = match(sub(row, TAIL), '^(.*\t)'),
  }
end

-- That of a waiter.
local function request_of_waiter(waiter)
  return request_of_row(asked_of(waiter), tonumber(asked_lease_of(waiter)))
end

-- Whether range and mode of an entry conflict with a request, whoever they belong to.
local function meets(op, entry)
  local strength = queued_strength_of(entry)
  if op.strength == 'W' and strength == 'W' then return false end
  local shape, lo, hi = queued_shape_of(entry), queued_lo_of(entry), queued_hi_of(entry)
  if (queued_protocol_of(entry) == 's') ~= (op.protocol == 's') and (op.shape == 'z' or shape == 'z') then
    return false
  end
  return overlap(op.shape, op.lo, op.hi, shape, lo, hi)
end

-- Whether one row of an SMB handle has all of [lo,hi], as strong as wanted.
local function handle_holds(owner, lo, hi, strength)
  local holds = false
  local function look(row)
    holds = holds or row and shape_of(row) == 'r' and lo_of(row) <= lo and hi_of(row) >= hi
      and (strength == 'W' or strength_of(row) == 'S')
    return holds
  end
  for _, row in pairs(after) do
    if row and is_smb(row) and owner_of(row) == owner then look(row) end
  end
  walk(SMB_INDEX, 'O' .. owner, 'O' .. owner .. lo .. 'g', function(id)
    if after[id] ~= nil then return holds end
    local row = call('HGET', ROWS, id)
    return look(row and is_live(row) and row)
  end)
  return holds
end

-- Whether a request passes a waiter that it conflicts with, because of what its owner holds of their common bytes: all
-- of them, as strongly as it asks; or all of them (POSIX), in a way that the waiter waits for: an upgrade. An open
-- passes when its owner has one that does and denies as much.
local function passes(op, row)
  local smb = op.protocol == 's'
  if op.shape == 'o' then
    if op.passes == nil then op.passes = opens.has(op.owner, op.lo) end
    return op.passes
  end
  if smb ~= is_smb(row) or op.shape == 'z' or shape_of(row) == 'z' then return false end
  local lo, hi = op.lo, op.hi
  if lo_of(row) > lo then lo = lo_of(row) end
  if hi_of(row) < hi then hi = hi_of(row) end
  if smb then return handle_holds(op.owner, lo, hi, op.strength) end
  local rows = own_rows(op.owner, lo, hi)
  table.sort(rows, function(a, b) return lo_of(a[2]) < lo_of(b[2]) end)
  local next_byte, any_exclusive, covered = lo, false, false
  for i = 1, #rows do
    local own = rows[i][2]
    if lo_of(own) > next_byte then return false end
    any_exclusive = any_exclusive or strength_of(own) == 'S'
    if hi_of(own) >= hi then
      covered = true
      break
    end
    next_byte = inc(hi_of(own))
  end
  -- What is held as strongly as a conflicting request asks conflicts with the waiter too: one question serves both.
  return covered and (strength_of(row) == 'S' or any_exclusive)
end

-- The waiter of an entry (p: its provisional grant), if it holds a request back that does not stand before it.
local function holding_back(op, state, entry)
  if not meets(op, entry) then return end
  local smb, waiter = op.protocol == 's', call('HGET', WAITERS, queued_id_of(entry))
  local row = waiter and asked_of(waiter)
  local own = row and is_smb(row) == smb and sub(row, TAIL, TAIL + #op.owner - 1) == op.owner
  if own and (not smb or op.strength == 'W') then return end
  local holds
  if state == 'p' then holds = is_provisional(waiter) else holds = is_waiting(waiter) and not passes(op, row) end
  return holds and waiter or nil
end

-- The provisional grants and waiters that hold a request back, as {id, waiter}, in order of arrival; at most one more
-- than wanted. A waiter is held back by those before it, a new request by all.
local function held_back(op, own_id, wanted)
  local found, queue = {}, queue_of(op.protocol == 's', op.shape)
  op.passes = nil
  local function look(state)
    local prefix, counted = queue_prefix(queue, state), 0
    walk(QUEUE, prefix, prefix .. 'g', function(_, entry)
      local id = queued_id_of(entry)
      if state == 'w' and own_id and id >= own_id then return true end
      local waiter = id ~= own_id and holding_back(op, state, entry)
      if waiter then
        found[#found + 1] = { id, waiter }
        counted = counted + 1
      end
      return counted > wanted
    end)
  end
  look('p')
  look('w')
  table.sort(found, function(a, b) return a[1] < b[1] end)
  for i = #found, wanted + 2, -1 do found[i] = nil end
  return found
end

-- Adds provisional grants and waiters behind the grants that are in the way.
local function with_held_back(found, more, op, own_id)
  local room = MAX_BLOCKERS - #found
  if more or not waiting then return found, more end
  local others = held_back(op, own_id, room)
  for i = 1, math.min(room, #others) do
    local id, waiter = others[i][1], others[i][2]
    found[#found + 1] = { '', told_id(id, waiter), told_waiter(waiter) }
  end
  return found, #others > room
end

-- As blockers(), with provisional grants and waiters.
local function in_the_way(op, own_id)
  local found, more = blockers(op)
  if not found then return end
  return with_held_back(found, more, op, own_id)
end

-- How many earlier waiters conflict with a waiter by range and mode; not its own owner's, where those do not conflict.
local function position_of(id, op)
  local count, prefix = 0, queue_prefix(queue_of(op.protocol == 's', op.shape), 'w')
  walk(QUEUE, prefix, prefix .. id, function(_, entry)
    if meets(op, entry) then count = count + 1 end
  end)
  if op.protocol == 's' and op.strength == 'S' then return count end
  prefix = owner_prefix(op.owner, queue_of(op.protocol == 's', op.shape))
  walk(QUEUE, prefix, prefix .. id, function(_, entry)
    if meets(op, entry) and state_of(call('HGET', WAITERS, queued_id_of(entry)) or ' ') == 'w' then
      count = count - 1
    end
  end)
  return count
end

-- The entries of a waiter: that of its state, and the others.
local function entries_of(id, row)
  local tail = id .. bounds_of(row) .. strength_of(row) .. shape_of(row) .. protocol_of(row)
  local queue, session = queue_of(is_smb(row), shape_of(row)), session_of(row)
  local others = { owner_prefix(owner_of(row), queue) .. tail, 'P' .. principal_of(row, TAIL) .. '\t' .. tail }
  if session ~= '' then others[3] = 'S' .. session .. '\t' .. tail end
  return queue_prefix(queue, 'w') .. tail, queue_prefix(queue, 'p') .. tail, others
end

local function queue_length(prefix)
  return call('ZLEXCOUNT', QUEUE, '[' .. prefix, '(' .. prefix .. 'g')
end

-- Puts a request behind all others; answers its id. The entry comes last: until then it holds nobody back.
local function enqueue(op, wait_ms)
  local id = next_number()
  local row = new_row(op, op.lo, op.hi, '0', ZERO, op.tail .. now_text)
  row = before_provisional(row) .. 'w' .. after_provisional(row)
  row = before_deadline(row) .. NO_DEADLINE .. after_deadline(row)
  local waiting_entry, _, others = entries_of(id, row)
  local wait_until, poll_until = now + wait_ms, now + POLL_WITHIN_MS
  keep_clock()
  tell('q', ZERO, row, id)
  call('HSET', META, 'waiting', '1')
  call('ZADD', WAITING_DUE, format('%d', math.min(wait_until, poll_until)), id)
  call('HSET', WAITERS, id, 'w' .. format('%013d%013d', wait_until, poll_until) .. ZERO
    .. format('%08d', op.lease) .. row)
  for i = 1, #others do call('ZADD', QUEUE, '0', others[i]) end
  call('ZADD', QUEUE, '0', waiting_entry)
  return id
end

local woken = {} -- ids of waiters whose state has changed

-- Tells all gateways whose state has changed. One that does not hear of it asks again after a while, so this may fail
-- for want of a right to the channel.
local function wake()
  if #woken > 0 then
    redis.pcall('PUBLISH', WAKE_CHANNEL, match(META, '{b(%d+)}') .. ' ' .. table.concat(woken, ' '))
    woken = {}
  end
end

-- Grants a waiter its lock until somebody confirms it. It keeps others away from the moment of its row.
local function grant_provisionally(id, waiter, op)
  local number = next_number()
  local row = new_row(op, op.lo, op.hi, '0', number, op.tail .. now_text)
  row = before_provisional(row) .. '1' .. after_provisional(row)
  local waiting_entry, granted_entry = entries_of(id, row)
  local confirm_by = now + (op.lease > 0 and math.min(op.lease, CONFIRM_WITHIN_MS) or CONFIRM_WITHIN_MS)
  keep_clock()
  tell('g', number, row .. '\t' .. format('%013d', confirm_by), id)
  call('ZADD', WAITING_DUE, format('%d', confirm_by), id)
  call('ZADD', QUEUE, '0', granted_entry)
  call('HSET', WAITERS, 'G' .. number, id)
  call('HSET', WAITERS, id, 'p' .. wait_until_of(waiter) .. format('%013d', confirm_by) .. number
    .. asked_lease_of(waiter) .. row)
  call('ZREM', QUEUE, waiting_entry)
  woken[#woken + 1] = id
end

-- Whether bytes that became free, or share modes, may matter to an entry.
local function is_touched(entry, lo, hi)
  if queued_shape_of(entry) == 'o' then return opens.conflict(queued_lo_of(entry), lo) end
  if queued_shape_of(entry) == 'z' then return lo < queued_lo_of(entry) and queued_lo_of(entry) <= hi end
  return queued_lo_of(entry) <= hi and queued_hi_of(entry) >= lo
end

-- The entries behind a waiter of the owners of some rows, in order of arrival.
local function entries_behind_of(queue, id, rows)
  local entries, seen = {}, {}
  for i = 1, #rows do
    local owner = owner_of(rows[i])
    if not seen[owner] then
      seen[owner] = true
      local prefix = owner_prefix(owner, queue)
      walk(QUEUE, prefix .. id .. 'g', prefix .. 'g', function(_, entry) entries[#entries + 1] = entry end)
    end
  end
  table.sort(entries, function(a, b) return queued_id_of(a) < queued_id_of(b) end)
  return entries
end

-- Whether nothing behind a waiter can be granted what became free: it wants all of that for itself.
local function wants_all(op, lo, hi)
  if op.shape == 'o' then return op.lo == opens.EVERYTHING end
  return op.strength == 'S' and op.shape == 'r' and op.lo <= lo and op.hi >= hi
end

-- Grants what can be granted of a queue, in order of arrival, after [lo,hi] became free; goes on behind a waiter.
-- Nothing behind a waiter that wants all of those bytes for itself can be granted but what belongs to its owner, or to
-- the owner of a grant that it waits for: so the cost does not grow with the number of those who wait for one range.
local function serve(queue, lo, hi, behind)
  local prefix = queue_prefix(queue, 'w')
  local looked, granted, last, unfinished, points_only = 0, 0, behind, false, false

  -- The waiter's request, what is in its way, and whether there is more; nothing for one that does not wait.
  local function look(entry)
    local id = queued_id_of(entry)
    local waiter = is_touched(entry, lo, hi) and call('HGET', WAITERS, id)
    if not is_waiting(waiter) then return end
    local op = request_of_waiter(waiter)
    local found, more = blockers(op)
    if not found then
      unfinished = true
      return
    end
    -- Behind a grant that is in its way other waiters matter only to those who may pass it.
    if #found == 0 or wants_all(op, lo, hi) then found, more = with_held_back(found, more, op, id) end
    if #found == 0 then
      grant_provisionally(id, waiter, op)
      granted = granted + 1
    end
    return op, found, more, asked_of(waiter)
  end

  -- Further calls go on behind the last.
  local function is_enough()
    return looked >= BATCH_SIZE or granted >= SERVED_AT_ONCE
  end

  walk(QUEUE, prefix .. (behind == '' and '' or behind .. 'g'), prefix .. 'g', function(_, entry)
    if points_only and queued_shape_of(entry) ~= 'z' then return end
    if is_enough() then
      unfinished = true
      return true
    end
    local op, found, more, row = look(entry)
    if unfinished then return true end
    looked, last = looked + 1, queued_id_of(entry)
    if not op or more or not wants_all(op, lo, hi) then return end
    local rows = { row }
    for i = 1, #found do rows[i + 1] = found[i][3] end
    local entries = entries_behind_of(queue, last, rows)
    for i = 1, #entries do
      if is_enough() then
        unfinished = true
        return true
      end
      look(entries[i])
      looked = looked + 1
    end
    -- But an SMB lock of no bytes, which nothing of POSIX holds back.
    points_only = queue == 'e' and op.protocol ~= 's'
    return not points_only
  end)

  if unfinished then
    local member = 'V' .. queue .. SPACE
    local kept = call('HGET', WAITERS, member)
    if kept then
      local its_last, its_lo, its_hi = match(kept, '^(%x*) (%x+) (%x+)$')
      if its_last < last then last = its_last end
      if queue == 'o' then lo = opens.union(lo, its_lo) end
      if queue ~= 'o' and its_lo < lo then lo = its_lo end
      if its_hi > hi then hi = its_hi end
    end
    keep_clock()
    call('ZADD', WAITING_DUE, now_text, member)
    call('HSET', WAITERS, member, last .. ' ' .. lo .. ' ' .. hi)
  end
end

local freed = {} -- by queue: the first and the last byte of what became free; of opens the share modes of all

-- Adds what a row frees to what became free, or to another table of the kind.
local function note_freed(row, into)
  into = into or freed
  local queue = queue_of(is_smb(row), shape_of(row))
  local hull = into[queue]
  if not hull then
    into[queue] = { lo_of(row), hi_of(row) }
    return
  end
  if queue == 'o' then
    hull[1] = opens.union(hull[1], lo_of(row))
    return
  end
  if lo_of(row) < hull[1] then hull[1] = lo_of(row) end
  if hi_of(row) > hull[2] then hull[2] = hi_of(row) end
end

-- Serves those who waited for what was noted.
local function serve_freed()
  for queue, hull in pairs(freed) do serve(queue, hull[1], hull[2], '') end
  freed = {}
  wake()
end

-- Writes a plan, and serves those who waited for what it frees.
local function commit_and_serve()
  commit()
  if not waiting then return end
  for id, old in pairs(before) do
    local new = after[id]
    if not new or bounds_of(new) ~= bounds_of(old) or strength_of(new) ~= strength_of(old) then note_freed(old) end
  end
  for _, row in pairs(expired) do note_freed(row) end
  -- What an owner has gained may let it pass others, whatever share modes these have.
  for _, row in pairs(after) do
    local queue = row and queue_of(is_smb(row), shape_of(row))
    if row and queue_length(owner_prefix(owner_of(row), queue)) > 0 then
      note_freed(row)
      if queue == 'o' then freed.o[1] = opens.EVERYTHING end
    end
  end
  serve_freed()
end

-- Too many expired rows in the way: deletes those and asks for another call.
local function purge_and_retry()
  forget_plan()
  commit_and_serve()
  return { 'again', now_text }
end

-- Ends the waiting of a request, with an outcome that is told for a while, or without a trace; what it held is free. Of
-- a grant that was confirmed its id. Behind keep_clock().
local function end_waiting(id, waiter, outcome, confirmed_id)
  local row = asked_of(waiter)
  local waiting_entry, granted_entry, others = entries_of(id, row)
  -- That it was confirmed is told with the grant.
  if outcome ~= 'g' then
    local kind = (is_waiting(waiter) or is_provisional(waiter)) and 'r' or has_live_session(row) and 'x' or end_of(row)
    tell(kind, granted_id_of(waiter), told_waiter(waiter), id)
  end
  if outcome then
    local kept = now + OUTCOME_KEPT_MS
    call('ZADD', WAITING_DUE, format('%d', kept), id)
    call('HSET', WAITERS, id, outcome .. wait_until_of(waiter) .. format('%013d', kept)
      .. (confirmed_id or granted_id_of(waiter)) .. after_granted_id(waiter))
    call('HDEL', WAITERS, 'G' .. granted_id_of(waiter))
  else
    call('HDEL', WAITERS, id, 'G' .. granted_id_of(waiter), 'D' .. id)
    call('ZREM', WAITING_DUE, id)
  end
  call('ZREM', QUEUE, waiting_entry, granted_entry, unpack(others))
  if call('ZCARD', QUEUE) == 0 then call('HDEL', META, 'waiting') end
  woken[#woken + 1] = id
end
