-- Releases whole grants of one space by id: one that its owner names, the expired ones, or those of a client.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- Which is expired or standing. At most as many ids as the batch size.
-- @argv space which filter... ids...
-- How many of the ids were looked at: the others need another call.
-- @answer released time grants looked
-- @answer late time | mark time found | epoch time found
-- @include clock (now_text, begin, finish)
-- @include limits (BATCH_SIZE)
-- @include rows (lo_of, hi_of, shape_of, ROWS, is_live, fields_of)
-- @include lookup (find_live)
-- @include filter (read_filter, matches)
local answer = begin()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function drop()
  -- @include plan (before, after, expired, expired_count, rows_removed, owner_of, remove)
  -- @include opens (opens)
  -- @include losses (note_loss)
  -- @include queue (commit_and_serve)
  -- @include once (replay, remember)
  local repeated = KEYS.once and replay()
  if repeated then return repeated end

  local space, only_expired = ARGV.space, ARGV.which == 'expired'
  local wanted, place = read_filter(PLACE.filter)
  local released, looked = 0, 0

  local function release(id, row)
    if shape_of(row) ~= 'o' then
      remove(id, row)
    elseif is_live(row) then
      opens.finish(owner_of(row), { [id] = row })
    else
      opens.purge(id, row, BATCH_SIZE)
      return expired[id] ~= nil
    end
    return true
  end

  -- The ranges that end with an open may be more than one script goes through.
  for i = place, #ARGV do
    if rows_removed + expired_count >= BATCH_SIZE then break end
    local id, row
    if only_expired then
      id = ARGV[i]
      row = call('HGET', ROWS, id)
      if row and is_live(row) then row = false end
    else
      id, row = find_live(ARGV[i])
    end
    if row and after[id] == nil and not expired[id] then
      local _, _, _, _, its_space = fields_of(row)
      if its_space == space and matches(row, wanted) then
        if not release(id, row) then break end
        released = released + 1
      end
    end
    looked = looked + 1
  end
  -- By an administrator.
  if not only_expired and not wanted.p then
    for id, row in pairs(before) do note_loss(id, row, lo_of(row), hi_of(row)) end
  end
  if only_expired then released = rows_removed + expired_count end
  local reply = { 'released', now_text, tostring(released), tostring(looked) }
  if rows_removed + expired_count == 0 then return reply end
  commit_and_serve()
  if KEYS.once then remember(reply, 5, {}, false, true) end
  return finish(reply)
end

return drop()
