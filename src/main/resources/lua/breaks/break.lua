-- Breaks a lock: ends all rows that answer to it, and serves those who wait. It can be taken back for a while.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @keys break_due
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- The token is that of an order that is due, or empty: now. At most so many requests are named.
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol id token undo_ms most
-- The lock as it stood; whether there may be more requests that are granted now; these.
-- @answer broken time more id row (id left row)...
-- There is no such lock; or no such order, or it is not due; it is in another space.
-- @answer none time | elsewhere time space
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, lease_now, begin, keep_clock, finish)
-- @include rows (lo_of, hi_of, shape_of, token_of, order_at_of, told)
-- @include lookup (find_live)
-- @include once (replay, remember)
local answer = begin()
if answer then return answer end
local MOST_NAMES = 100 -- ids by which a break can be taken back
-- Inside a function, because one function of Lua has 200 local variables at most.
local function break_lock()
  -- @include breaks (breaks)
  -- @include opens (SPACE, opens)
  -- @include plan (before, after, is_smb, owner_of)
  -- @include losses (note_loss)
  -- @include changes (tell_as_broken)
  -- @include queue (commit_and_serve)
  local repeated = KEYS.once and replay()
  if repeated then return repeated end
  local token = ARGV.token
  if token ~= '' then
    local order = call('HGET', KEYS.breaks, 'N' .. token)
    if not order or order_at_of(order) > lease_now then return { 'none', now_text } end
  end
  local id, row = find_live(ARGV.id)
  if token == '' and id then token = token_of(row) end
  local rows = token == '' and {} or breaks.rows_of(id or ARGV.id, token)
  for its_id, its_row in pairs(rows) do
    -- Of an order: what is left of the lock has another id.
    if not id then id, row = its_id, its_row end
  end
  if not id then
    keep_clock()
    breaks.drop({ 'N' .. token })
    return finish({ 'none', now_text })
  end
  local elsewhere = breaks.other_space_of(row)
  if elsewhere then return { 'elsewhere', now_text, elsewhere } end

  local orders = breaks.orders_of(rows)
  local reply = { 'broken', now_text, '0', id, told(row) }
  breaks.take_away(rows)
  local more, waits = breaks.add_next(reply, tonumber(ARGV.most))
  if more then reply[3] = '1' end
  local ended, names = {}, { id }
  for its_id, its_row in pairs(before) do
    if not after[its_id] then
      note_loss(its_id, its_row, lo_of(its_row), hi_of(its_row))
      local open = is_smb(its_row) and shape_of(its_row) ~= 'o' and opens.any(owner_of(its_row)) or ''
      ended[#ended + 1] = its_id .. its_row .. '\t' .. open .. '\n'
      if its_id ~= id and #names < MOST_NAMES then names[#names + 1] = its_id end
    end
  end
  tell_as_broken()
  commit_and_serve()
  breaks.drop(orders)
  local till = format('%013d', now + tonumber(ARGV.undo_ms))
  for i = 1, #names do
    if names[i] ~= ARGV.id then breaks.put(till, 'U' .. names[i], till .. '=' .. ARGV.id) end
  end
  breaks.put(till, 'U' .. ARGV.id, till .. (waits and 'w' or '-') .. SPACE .. '\t' .. table.concat(ended))
  if KEYS.once then remember(reply, #reply + 1, {}, false, true) end
  return finish(reply)
end

return break_lock()
