-- Rolls back the grants of a request that nobody could be told of: its caller got "unknown" for an answer. Rows that
-- a later request of the same owner has touched since (a retry that found its lock) stay.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- The result of the request to roll back:
-- @keys undone_result
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol
-- The request to roll back, and its deadline:
-- @argv undone_request undone_deadline
-- @answer undone time
-- Nothing is known of the request, or another request with its key was told of the grant; early: it may still arrive.
-- @answer nothing time | early time
-- @answer late time | mark time found | epoch time found
-- @include clock (RESULT_KEPT_MS, now_text, server_now, begin, keep_clock, finish)
-- @include new_grant (kept_id_of, kept_row_of, is_new_grant)
-- @include rows (shape_of, request_of, before_aliased, after_aliased, bounds_of, ROWS, is_live)
-- @include waiters (state_of, asked_of, WAITERS)
-- @include once (stored_record)
local answer = begin()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function undo()
  -- @include plan (after, owner_of, create, change, remove)
  -- @include opens (opens)
  -- @include aliases (new_aliases, add_alias, drop_alias, stored_aliases)
  -- @include ranges (own_rows, subtract)
  -- @include rollback (written_id_of, record_of_new_grant)
  -- @include queue (commit_and_serve, note_freed, serve_freed, end_waiting)
  -- @include loss_entries (LOSSES)
  local kept = call('GET', KEYS.undone_result)
  local record, its_request = nil, ARGV.undone_request

  -- The request was answered nothing that stands, however often this is asked.
  local function forget_answer()
    call('SET', KEYS.undone_result, cmsgpack.pack({ { 'late', now_text }, false }), 'PX', RESULT_KEPT_MS)
  end

  if kept and KEYS.once then
    -- What was granted under a key is rolled back when nobody is left that may have been told of it.
    local stored = stored_record()
    local requests, others = stored and not stored.told and stored.requests or {}, {}
    for i = 1, #requests do
      if requests[i] ~= its_request then others[#others + 1] = requests[i] end
    end
    if #others > 0 and #others < #requests then
      stored.requests = others
      wrote = true
      call('SET', KEYS.once, cmsgpack.pack(stored), 'KEEPTTL')
      forget_answer()
      return finish({ 'nothing', now_text })
    end
    local rollback = #requests > #others and call('GET', KEYS.once_rollback)
    if rollback then
      rollback = cmsgpack.unpack(rollback)
      its_request, record = rollback[1], rollback[2]
    end
  elseif kept then
    record = is_new_grant(kept) and record_of_new_grant(kept_id_of(kept), kept_row_of(kept))
      or cmsgpack.unpack(kept)[2]
  end
  -- Until its time is up it may still arrive.
  if not record then return { server_now <= tonumber(ARGV.undone_deadline) and 'early' or 'nothing', now_text } end

  -- Takes a waiter away that waits, or that has been granted its lock and has not confirmed it.
  local function take_back(id)
    local waiter = call('HGET', WAITERS, id)
    if not waiter or not (state_of(waiter) == 'w' or state_of(waiter) == 'p') then return false end
    keep_clock()
    end_waiting(id, waiter)
    note_freed(asked_of(waiter))
    serve_freed()
    return true
  end

  -- An open that came to others of its handle ends as any does; before one that was the first of its handle there were
  -- ranges without an open, or none, and they stay so.
  local function take_back_row(id, row)
    if shape_of(row) == 'o' and not record.first_open then
      opens.finish(owner_of(row), { [id] = row })
    else
      remove(id, row)
    end
  end

  local untouched, written = record.restorable, {}
  for i = 1, #(record.written or {}) do
    local id = written_id_of(record.written[i])
    local row = call('HGET', ROWS, id)
    if not row or not is_live(row) or id .. bounds_of(row) .. request_of(row) ~= record.written[i] then
      untouched = false
    end
    written[i] = { id, row }
  end

  if untouched then
    -- In one plan, so that what was held before is held throughout.
    local restored = {}
    for i = 1, #record.replaced do
      local id, row, aliases = record.replaced[i][1], record.replaced[i][2], record.replaced[i][3]
      if is_live(row) then
        restored[id] = row
        for k = 1, #aliases do add_alias(aliases[k], id) end
      end
    end
    for i = 1, #written do
      local id, row = written[i][1], written[i][2]
      if restored[id] then
        local aliases, restores = stored_aliases(id, row), new_aliases[id] or {}
        for k = 1, #aliases do
          if not restores[aliases[k]] then drop_alias(aliases[k], id) end
        end
        -- It keeps what it has to tell of one that it had absorbed.
        local has_losses = call('HGET', LOSSES, 'L' .. id)
        local old = restored[id]
        change(id, row, has_losses and before_aliased(old) .. '1' .. after_aliased(old) or old)
      else
        take_back_row(id, row)
      end
    end
    for id, row in pairs(restored) do
      if after[id] == nil then create(id, row) end
    end
  elseif record.waiter then
    if not take_back(record.waiter) then return { 'nothing', now_text } end
  elseif record.smb then
    for i = 1, #written do
      local id, row = written[i][1], written[i][2]
      -- One that has ended is left to the sweep: with the last open of a handle end its ranges.
      if row and is_live(row) and request_of(row) == its_request then take_back_row(id, row) end
    end
  else
    for i = 1, #record.gained do
      local owner, parts = record.gained[i][1], record.gained[i][2]
      -- From the last to the first: what stays of a row is then to the left of the parts to come.
      for k = #parts, 1, -1 do
        local lo, hi = parts[k][1], parts[k][2]
        local rows = own_rows(owner, lo, hi)
        for j = 1, #rows do
          local id, row = rows[j][1], rows[j][2]
          if request_of(row) == its_request then subtract(id, row, lo, hi) end
        end
      end
    end
  end
  if not record.waiter then commit_and_serve() end
  if KEYS.once then
    -- Behind the rows: until then this can be begun again. The repeat of the call acquires again.
    call('SET', KEYS.once, '', 'PX', '1')
    call('SET', KEYS.once_rollback, '', 'PX', '1')
  end
  forget_answer()
  return finish({ 'undone', now_text })
end

return undo()
