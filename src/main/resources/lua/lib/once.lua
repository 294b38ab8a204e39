-- What a call with an Idempotency-Key has done: a repeat is told so, and nothing is done again.
--
-- KEYS.once           string, 10 minutes: a packed record; empty when it was rolled back
-- KEYS.once_rollback  string, 30 s: packed {request, record by which undo.lua rolls it back}
--
-- The names of both contain the digest of principal, key and request, so a record belongs to one request. A record:
--   head      the answer up to its grants
--   grants    {id, lo, hi} of each grant that the call was asked for: must stand, or the lock was lost
--   changed   ids of other grants that it has changed or made
--   done      false while further steps of the call have to come
--   requests  ids of the requests that were answered so and may be rolled back
--   told      true when these were too many to remember: it is not rolled back then
-- @include clock (RESULT_KEPT_MS, REQUEST, now_text, finish)
-- @include rows (lo_of, hi_of, told)
-- @include lookup (find_live)
local ONCE_KEPT_MS, REQUESTS_LIMIT, CHANGED_KEPT = 600000, 8, 1000

local function stored_record()
  local text = call('GET', KEYS.once)
  if text and text ~= '' then return cmsgpack.unpack(text) end
end

-- The answer to a repeat, with the grants as they stand now; nil when the call has not been done. Nil and true when it
-- was granted a lock that does not stand any more, or not all of it.
local function replay()
  local record = stored_record()
  if not record or not record.done then return end
  local reply, shown = record.head, {}
  reply[2] = now_text
  for i = 1, #record.grants do
    local grant = record.grants[i]
    local id, row = find_live(grant[1])
    if not row or lo_of(row) > grant[2] or hi_of(row) < grant[3] then return nil, true end
    shown[id] = true
    reply[#reply + 1], reply[#reply + 2] = id, told(row)
  end
  for i = 1, #record.changed do
    local id, row = find_live(record.changed[i])
    if row and not shown[id] then
      shown[id] = true
      reply[#reply + 1], reply[#reply + 2] = id, told(row)
    end
  end
  wrote = true
  -- Whoever could not be told of the grant takes it back, unless this request was: see taken_back().
  if (#record.grants > 0 or record.head[1] == 'queued') and call('GET', KEYS.once_rollback) then
    local head = {}
    for i = 1, record.head_size do head[i] = reply[i] end
    record.head = head
    if #record.requests >= REQUESTS_LIMIT then record.told = true end
    if not record.told then record.requests[#record.requests + 1] = REQUEST end
    call('SET', KEYS.once, cmsgpack.pack(record), 'KEEPTTL')
  end
  return finish(reply)
end

-- Keeps an answer, behind all other writes but the result. Its grants begin at a place; the first of them were asked
-- for by ops. An earlier record of the same call, of steps before, goes on.
local function remember(reply, place, ops, rollback, done)
  local record = stored_record() or { changed = {} }
  record.head, record.head_size, record.grants, record.requests, record.done = {}, place - 1, {}, { REQUEST }, done
  for i = 1, place - 1 do record.head[i] = reply[i] end
  for i = 1, #ops do
    local id, row = reply[place], reply[place + 1]
    local lo, hi = lo_of(row), hi_of(row)
    if lo < ops[i].lo then lo = ops[i].lo end
    if hi > ops[i].hi then hi = ops[i].hi end
    record.grants[i] = { id, lo, hi }
    place = place + 2
  end
  for i = place, #reply, 2 do
    if #record.changed < CHANGED_KEPT then record.changed[#record.changed + 1] = reply[i] end
  end
  wrote = true
  if rollback then
    call('SET', KEYS.once_rollback, cmsgpack.pack({ REQUEST, rollback }), 'PX', RESULT_KEPT_MS)
  end
  call('SET', KEYS.once, cmsgpack.pack(record), 'PX', ONCE_KEPT_MS)
end
