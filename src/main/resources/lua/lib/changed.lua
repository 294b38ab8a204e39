-- What a call has changed besides what it was asked for: rows that it has cut, and rows that it has made of them.
-- @include rows (told)
-- @include plan (before, after)
local CHANGED_LIMIT = 1000 -- rows that one answer shows

-- Adds to a reply the id and row of each row that the plan changes or makes, but for the shown ones; answers whether
-- there are more than an answer shows.
local function add_changed(reply, shown)
  local ids = {}
  for id, row in pairs(after) do
    if row and row ~= before[id] and not shown[id] then ids[#ids + 1] = id end
  end
  table.sort(ids)
  for i = 1, math.min(#ids, CHANGED_LIMIT) do
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = told(after[ids[i]])
  end
  return #ids > CHANGED_LIMIT
end
