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
local kept = call('GET', KEYS[13])
local record = kept and cmsgpack.unpack(kept)[2]
-- Until its time is up it may still arrive.
if not record then return { server_now <= tonumber(ARGV[9]) and 'early' or 'nothing', now_text } end

local its_request, untouched = ARGV[8], record.restorable
local written = {}
for i = 1, #record.written do
  local id = sub(record.written[i], 1, 16)
  local row = call('HGET', ROWS, id)
  if not row or not is_live(row) or id .. sub(row, 1, 32) .. sub(row, 72, 95) ~= record.written[i] then untouched = false end
  written[i] = { id, row }
end

if untouched then
  -- In one plan, so that what was held before is held throughout.
  local restored = {}
  for i = 1, #record.replaced do
    local id, row, names = record.replaced[i][1], record.replaced[i][2], record.replaced[i][3]
    if is_live(row) then
      restored[id] = row
      for k = 1, #names do name(names[k], id) end
    end
  end
  for i = 1, #written do
    local id, row = written[i][1], written[i][2]
    if restored[id] then
      local names, kept = stored_names(id, row), new_names[id] or {}
      for k = 1, #names do
        if not kept[names[k]] then
          stale_names[#stale_names + 1] = 'R' .. id .. names[k]
          stale_names[#stale_names + 1] = 'N' .. names[k] .. id
        end
      end
      change(id, row, restored[id])
    else
      remove(id, row)
    end
  end
  for id, row in pairs(restored) do
    if after[id] == nil then create(id, row) end
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
call('SET', KEYS[13], cmsgpack.pack({ { 'late', now_text }, false }), 'PX', RESULT_KEPT_MS)
return finish({ 'undone', now_text })
