-- The lists that a grant stands in, and the grants that stand in none yet.
-- @include text (sub, match)
-- @include clock (newest)
-- @include rows (protocol_of, ROWS, fields_of)

-- Names of a grant's lists: a letter (file version, machine address, owner_id, principal, machine name), the protocol,
-- and the value. In a list a grant stands by its id, which never changes. The last has no use when the machine name is
-- empty, and is not kept then: is_kept().
local function lists_of(row)
  local owner_id, principal, name, _, space, address = fields_of(row)
  local protocol = protocol_of(row)
  return 'f' .. protocol .. match(space, '^[^:]*:[^:]*:'),
    'm' .. protocol .. address .. '\t',
    'o' .. protocol .. owner_id .. '\t',
    'p' .. protocol .. principal .. '\t',
    'n' .. protocol .. name .. '\t'
end

local function is_kept(list)
  return #list > 3
end

-- The newest grants: their ids, and their rows in the same order, false where a grant has gone.
local function newest_rows()
  local ids = {}
  for i = 1, #newest, 16 do ids[#ids + 1] = sub(newest, i, i + 15) end
  return ids, #ids > 0 and call('HMGET', ROWS, unpack(ids)) or {}
end
