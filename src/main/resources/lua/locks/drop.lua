-- Releases whole grants of one space by id: one that its owner names, the expired ones, or those of a client.
-- @keys meta result rows list chunks expiry aliases sessions
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- Which is expired or standing. At most as many ids as the batch size.
-- @argv space which filter... ids...
-- @answer released time grants
-- @answer late time | mark time found | epoch time found
-- @include clock (now_text, begin, finish)
-- @include rows (lo_of, hi_of, ROWS, is_live, fields_of)
-- @include lookup (find_live)
local answer = begin()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function drop()
  -- @include plan (after, remove)
  -- @include losses (note_loss)
  -- @include queue (commit_and_serve)
  -- @include filter (read_filter, matches)
  -- @include once (replay, remember)
  local repeated = KEYS.once and replay()
  if repeated then return repeated end

  local space, only_expired = ARGV.space, ARGV.which == 'expired'
  local wanted, place = read_filter(PLACE.filter)
  local released = 0
  for i = place, #ARGV do
    local id, row
    if only_expired then
      id = ARGV[i]
      row = call('HGET', ROWS, id)
      if row and is_live(row) then row = false end
    else
      id, row = find_live(ARGV[i])
    end
    if row and after[id] == nil then
      local _, _, _, _, its_space = fields_of(row)
      if its_space == space and matches(row, wanted) then
        remove(id, row)
        released = released + 1
        -- By an administrator.
        if not only_expired and not wanted.p then note_loss(id, row, lo_of(row), hi_of(row)) end
      end
    end
  end
  if released == 0 then return { 'released', now_text, '0' } end
  commit_and_serve()
  local reply = { 'released', now_text, tostring(released) }
  if KEYS.once then remember(reply, 4, {}, false, true) end
  return finish(reply)
end

return drop()
