-- Releases a range of one owner, or of every owner whose key begins so.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- The semantics are p or s; the owner is a whole key, or what the keys of several begin with. Of opens (shape o) lo is
-- the id of one, or empty for all, and hi is empty.
-- @argv semantics shape lo hi owner whole
-- Of several owners: the one to go on behind, or empty; the machine name that a POSIX owner must have.
-- @argv behind owner_name?
-- Behind is the owner to go on behind, empty at the end.
-- Then what is left of the rows.
-- @answer released time rows_touched behind (id row)...
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (first_id_of, NEWEST_BYTES, newest, gone, now_text, waiting, begin, keep_clock, finish)
-- @include index (owned_by_of, level_of, POSIX_INDEX, POSIX_LEVELS, POSIX_NODES, SMB_INDEX, SMB_LEVELS, SMB_NODES,
--   fork_place, ONE_RANGE)
-- @include rows (strength_of, lifetime_of, aliased_of, deadline_of, id_of, ROWS, NO_DEADLINE, is_live, lo_of, hi_of)
-- @include events (tell)
local answer = begin()
if answer then return answer end

local smb, shape, lo, hi = ARGV.semantics == 's', ARGV.shape, ARGV.lo, ARGV.hi
local wanted, whole = ARGV.owner, ARGV.whole == 'whole'
-- Of every principal with that owner id: by an administrator.
local of_anybody = match(wanted, '^[^\t]*\t$')

-- Everything that needs a plan. Inside a function, as in acquire.lua: the common case does not pay for these.
-- With true it only takes the grants that have gone from their lists.
local function planned(only_lists)
  -- @include limits (BATCH_SIZE)
  -- @include plan (before, expired_count, rows_removed, index_of, remove)
  -- @include opens (opens)
  -- @include ranges (release_range, exact_lock)
  -- @include losses (note_loss)
  -- @include queue (commit_and_serve)
  -- @include lists (unlist_gone)
  -- @include changed (add_changed)
  -- @include once (replay, remember)
  if only_lists then return unlist_gone() end
  local repeated = KEYS.once and replay()
  if repeated then return repeated end
  local touched, behind = 0, ''
  local one_only = smb and (shape ~= 'o' or lo ~= '') -- ends with the first that is found

  -- The owners whose key begins with wanted and sorts behind the given one, one by one; '' at the end.
  local function owner_after(last)
    if shape == 'o' then
      local from, to = opens.prefix(last), '(' .. opens.prefix(wanted) .. '\255'
      from = last == '' and '[' .. opens.prefix(wanted) or '(' .. from .. 'g'
      local entry = call('ZRANGEBYLEX', KEYS.opens, from, to, 'LIMIT', '0', '1')[1]
      return entry and match(entry, '^[^\t]*\t([^\t]*\t[^\t]*\t)') or ''
    end
    local class = shape == 'z' and 'Q' or 'O'
    local lower = last == '' and '[' .. class .. wanted or '(' .. class .. last .. 'g'
    local member = call('ZRANGEBYLEX', index_of(smb), lower, '(' .. class .. wanted .. '\255', 'LIMIT', '0', '1')[1]
    if not member then return '' end
    return match(member, smb and '^.([^\t]*\t[^\t]*\t)' or '^.([^\t]*\t[^\t]*\t[^\t]*\t)')
  end

  local function release_exactly(owner)
    local id, row = exact_lock(owner, shape, lo, hi)
    if id then
      remove(id, row)
      touched = 1
    end
  end

  local function release_opens(owner)
    local rows, before_these = {}, touched
    opens.walk(owner, function(id, row)
      if is_live(row) and (lo == '' or lo == id) then
        rows[id] = row
        touched = touched + 1
      end
    end)
    if touched > before_these then opens.finish(owner, rows) end
  end

  if whole then
    if shape == 'o' then
      release_opens(wanted)
    elseif smb then
      release_exactly(wanted)
    else
      touched = release_range(wanted, lo, hi)
    end
  else
    local visited = 0
    local owner = owner_after(ARGV.behind)
    while owner ~= '' do
      if shape == 'o' then
        release_opens(owner)
      elseif smb then
        release_exactly(owner)
      elseif not ARGV.owner_name or match(owner, '([^\t]*)\t$') == ARGV.owner_name then
        touched = touched + release_range(owner, lo, hi)
      end
      visited = visited + 1
      behind = owner
      if one_only and touched > 0 then break end
      if visited + math.max(touched, rows_removed) >= BATCH_SIZE then break end
      owner = owner_after(owner)
    end
    if owner == '' or (one_only and touched > 0) then behind = '' end
  end
  local reply = { 'released', now_text, tostring(touched), behind }
  if touched > 0 or expired_count > 0 then
    add_changed(reply, {})
    if of_anybody then
      for id, row in pairs(before) do
        if shape == 'o' then note_loss(id, row, lo_of(row), hi_of(row)) else note_loss(id, row, lo, hi) end
      end
    end
    commit_and_serve()
  elseif not KEYS.once then
    return reply
  end
  -- An SMB lock that is not there is an error, and may be there for the next call.
  if KEYS.once and not (smb and touched == 0) then remember(reply, 5, {}, false, behind == '') end
  return finish(reply)
end

-- The common case: one owner, and the range is exactly one live row of it, without aliases. Rows of a POSIX owner
-- never overlap, so no other row has a byte of it.
if shape ~= 'r' or ARGV.behind ~= '' or ARGV.owner_name or KEYS.once or waiting then return planned() end
local index, levels, nodes = POSIX_INDEX, POSIX_LEVELS, POSIX_NODES
if smb then index, levels, nodes = SMB_INDEX, SMB_LEVELS, SMB_NODES end
local owned = 'O' .. wanted
if not whole then
  -- Of all that the owners have, the first and the last range: do they belong to one owner?
  local from, to = '[' .. owned, '(' .. owned .. '\255'
  local first = call('ZRANGEBYLEX', index, from, to, 'LIMIT', '0', '1')[1]
  if not first then return planned() end
  owned = owned_by_of(first)
  local last = call('ZREVRANGEBYLEX', index, to, from, 'LIMIT', '0', '1')[1]
  if owned_by_of(last) ~= owned then return planned() end
end
owned = owned .. lo .. hi
local members = call('ZRANGEBYLEX', index, '[' .. owned, '(' .. owned .. 'g', 'LIMIT', '0', '2')
if #members ~= 1 then return planned() end
local id = id_of(members[1])
local row = call('HGET', ROWS, id)
if not row or not is_live(row) or aliased_of(row) == '1' then return planned() end
if of_anybody and lifetime_of(row) == 's' then return planned() end

local range, exclusive = lo .. hi .. id, strength_of(row) == 'S'
local place = not exclusive and lo < hi and fork_place(lo, hi)
local node = place and call('HGET', nodes, place)
local left = 0 -- ranges that stay on the node
if place and node ~= range then
  if not node or #node == ONE_RANGE then return planned() end
  left = tonumber(node) - 1
end

-- The layout, and the order of the writes, are those of commit.lua; RedisIntegrityTest compares the two.
-- A grant among the newest is in no list, any other stays there for now (lists.lua).
local is_listed = newest == '' or id < first_id_of(newest)
if not is_listed then
  keep_clock()
elseif #gone >= NEWEST_BYTES then
  planned(true)
  keep_clock(nil, id)
else
  keep_clock(nil, gone .. id)
end
tell('r', id, row)
-- Before the row goes: a grant whose row stands is not taken from its lists, whatever is kept of it here.
if is_listed then call('HSET', KEYS.chunks, 'G' .. id, row) end
if exclusive then
  call('ZREM', index, 'S' .. hi .. lo .. id, members[1])
elseif not place or node == range then
  call('ZREM', index, 'W' .. range, members[1])
else
  call('ZREM', index, 'W' .. range, members[1], 'L' .. place .. lo .. id, 'U' .. place .. hi .. id)
end
if place and left <= 0 then call('HDEL', nodes, place) end
call('HDEL', ROWS, id)
if place then
  if left > 0 then call('HSET', nodes, place, tostring(left)) end
  local level = level_of(place)
  if call('HINCRBY', levels, level, '-1') <= 0 then call('HDEL', levels, level) end
end
if deadline_of(row) ~= NO_DEADLINE then call('ZREM', KEYS.expiry, id) end
return finish({ 'released', now_text, '1', '' })
