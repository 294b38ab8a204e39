-- The live row that an id names: its own, or the one it was merged into.
local function find(wanted)
  local row = call('HGET', ROWS, wanted)
  if row then
    if is_live(row) then return wanted, row end
    return
  end
  local members = call('ZRANGEBYLEX', NAMES, '[Ni' .. wanted, '(Ni' .. wanted .. 'g')
  for i = 1, #members do
    local id = sub(members[i], -16)
    row = call('HGET', ROWS, id)
    if row and is_live(row) then return id, row end
  end
end
