-- Grants by id.
-- @include rows (id_of, ROWS, ALIASES, is_live)

-- The live row that an id names: its own, or the one it was merged into.
local function find_live(wanted)
  local row = call('HGET', ROWS, wanted)
  if row then
    if is_live(row) then return wanted, row end
    return
  end
  local members = call('ZRANGEBYLEX', ALIASES, '[Ni' .. wanted, '(Ni' .. wanted .. 'g')
  for i = 1, #members do
    local id = id_of(members[i])
    row = call('HGET', ROWS, id)
    if row and is_live(row) then return id, row end
  end
end
