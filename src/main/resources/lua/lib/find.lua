-- The live row that an id or a token names: itself, or the heir of what it was merged into (the oldest, after a split).
local function find(wanted)
  local row = call('HGET', ROWS, wanted)
  if row then
    if is_live(row) then return wanted, row end
    return
  end
  local members = call('ZRANGEBYLEX', NAMES, '[N' .. wanted, '(N' .. wanted .. 'g')
  for i = 1, #members do
    local id = sub(members[i], -16)
    row = call('HGET', ROWS, id)
    if row and is_live(row) then return id, row end
  end
end
