-- Orders that a lock is broken later, or takes such an order back. Its owner is told.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @keys break_due
-- Of a call with an Idempotency-Key, see once.lua:
-- @keys once? once_rollback?
-- How long until then, or empty to take the order back. At most so many requests are named.
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol id in_ms reason most
-- Whether there may be more requests that would be granted; the lock; the requests.
-- @answer announced time more id row (id left row)...
-- @answer cancelled time
-- There is no such lock, or no order; it is in another space.
-- @answer none time | elsewhere time space
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include rows (token_of, before_provisional, after_provisional, told)
-- @include lookup (find_live)
-- @include once (replay, remember)
local answer = begin()
if answer then return answer end
-- Inside a function, because one function of Lua has 200 local variables at most.
local function announce()
  -- @include breaks (breaks)
  -- @include opens (SPACE)
  -- @include plan (after, change, forget_plan)
  -- @include losses (note_notice)
  -- @include commit (commit)
  local repeated = KEYS.once and replay()
  if repeated then return repeated end
  local cancels = ARGV.in_ms == ''
  local id, row = find_live(ARGV.id)
  -- An order may be taken back by the first id of the lock too, when that part has gone.
  local rows = (id or cancels) and breaks.rows_of(id or ARGV.id, id and token_of(row) or ARGV.id) or {}
  for its_id, its_row in pairs(rows) do
    if not id then id, row = its_id, its_row end
  end
  if not id then return { 'none', now_text } end
  local elsewhere = breaks.other_space_of(row)
  if elsewhere then return { 'elsewhere', now_text, elsewhere } end
  local orders, token = breaks.orders_of(rows), token_of(row)
  if cancels and #orders == 0 then return { 'none', now_text } end

  local at = not cancels and format('%013d', now + tonumber(ARGV.in_ms))
  for its_id, its_row in pairs(rows) do
    change(its_id, its_row, before_provisional(its_row) .. (cancels and '0' or 'b') .. after_provisional(its_row))
    note_notice(cancels and 'c' or 'b', its_id, cancels and '' or '\t' .. at .. '\t' .. ARGV.reason)
  end
  -- The order first: nobody is told that there is none before there is none.
  keep_clock()
  breaks.drop(orders)
  commit()
  if cancels then return finish({ 'cancelled', now_text }) end
  for _, its_row in pairs(rows) do
    if token_of(its_row) ~= token then breaks.put(at, 'P' .. token_of(its_row), at) end
  end
  breaks.put(at, 'N' .. token, at .. id .. SPACE)
  local reply = { 'announced', now_text, '0', id, told(after[id]) }
  -- In another plan: what would be if the lock ended.
  forget_plan()
  breaks.take_away(breaks.rows_of(id, token))
  if breaks.add_next(reply, tonumber(ARGV.most)) then reply[3] = '1' end
  if KEYS.once then remember(reply, #reply + 1, {}, false, true) end
  return finish(reply)
end

return announce()
