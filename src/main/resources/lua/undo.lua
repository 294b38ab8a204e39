-- Takes back what a request was granted when nobody could be told of it: its caller got "unknown" for an answer. What a
-- later request of the same owner has touched since (a retry that found its lock) stays.
-- KEYS as in acquire.lua, and 13 the result of the request to undo
-- ARGV: 8 the id of that request, 9 its not-after
-- @include clock
-- @include hex
-- @include index
-- @include rows
-- @include lock
-- @include arithmetic
-- @include plan
-- @include commit
local answer = begin()
if answer then return answer end
-- Until its time is up it may still arrive.
if server_now <= tonumber(ARGV[9]) then return { 'early', now_text } end
local kept = call('GET', KEYS[13])
local record = kept and cmsgpack.unpack(kept)[2]
if not record then return { 'nothing', now_text } end

local its_request, untouched = ARGV[8], record.restorable
local written = {}
for i = 1, #record.written do
  local id = sub(record.written[i], 1, 16)
  local row = call('HGET', ROWS, id)
  if not row or not is_live(row) or id .. sub(row, 1, 32) .. sub(row, 72, 95) ~= record.written[i] then untouched = false end
  written[i] = { id, row }
end

local restored = {}
if untouched then
  for i = 1, #written do remove(written[i][1], written[i][2]) end
  for i = 1, #record.replaced do
    if is_live(record.replaced[i][2]) then restored[#restored + 1] = record.replaced[i] end
  end
elseif record.smb then
  for i = 1, #written do
    local id, row = written[i][1], written[i][2]
    if row and sub(row, 72, 95) == its_request then remove(id, row) end
  end
else
  for i = 1, #record.gained do
    local owner, parts = record.gained[i][1], record.gained[i][2]
    for k = 1, #parts do
      local lo, hi = parts[k][1], parts[k][2]
      local rows = own_rows(owner, lo, hi)
      for j = 1, #rows do
        local id, row = rows[j][1], rows[j][2]
        if sub(row, 72, 95) == its_request and sub(row, 1, 16) <= hi and sub(row, 17, 32) >= lo then cut(id, row, lo, hi) end
      end
    end
  end
end
commit()
-- Those put back carry the names of those taken away, so these must be gone first.
before, after, dead, new_names, grown = {}, {}, {}, {}, {}
for i = 1, #restored do
  local id, row, names = restored[i][1], restored[i][2], restored[i][3]
  create(id, row)
  for k = 1, #names do name(names[k], id) end
end
commit()
call('SET', KEYS[13], cmsgpack.pack({ { 'late', now_text }, false }), 'PX', RESULT_KEPT_MS)
return finish({ 'undone', now_text })
