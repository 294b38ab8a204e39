-- Walks through sorted sets.
-- @include rows (id_of)

-- Visits the members of a stretch in order until visit(id, member) answers true. Short reads first: nearly always
-- there is nothing.
local function walk(index, from, to, visit)
  local lower, upper, count = '[' .. from, '(' .. to, 4
  while true do
    local members = call('ZRANGEBYLEX', index, lower, upper, 'LIMIT', '0', count)
    for i = 1, #members do
      if visit(id_of(members[i]), members[i]) then return end
    end
    if #members < count then return end
    lower = '(' .. members[count]
    if count < 256 then count = count * 4 end
  end
end
