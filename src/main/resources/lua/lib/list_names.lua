-- The lists that a grant stands in, the grants that stand in none yet, and those that have gone and stand there still.
-- @include text (sub, match)
-- @include clock (newest, gone)
-- @include rows (protocol_of, shape_of, ROWS, fields_of)

-- The letter of the lists that a row stands in: that of its protocol, or o for an open.
local function listed_as(row)
  return shape_of(row) == 'o' and 'o' or protocol_of(row)
end

-- Names of a grant's lists: a letter (file version, machine address, owner_id, principal, machine name), the letter of
-- its protocol or of opens, and the value. In a list a grant stands by its id, which never changes. That by machine
-- name has no use when the name is empty, and is not kept then: is_kept(). The last is of the session, for all
-- protocols, and nil for other grants.
local function lists_of(row)
  local owner_id, principal, name, session, space, address = fields_of(row)
  local protocol = listed_as(row)
  return 'f' .. protocol .. match(space, '^[^:]*:[^:]*:'),
    'm' .. protocol .. address .. '\t',
    'o' .. protocol .. owner_id .. '\t',
    'p' .. protocol .. principal .. '\t',
    'n' .. protocol .. name .. '\t',
    session ~= '' and 's-' .. session .. '\t' or nil
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

-- The grants that have gone: their ids, and the rows that they had, false where there is nothing to do: a rollback has
-- restored the grant, or the script that ended it died, and its second attempt has added the id again. And the fields
-- that hold those rows.
local function gone_rows()
  local ids, fields, seen = {}, {}, {}
  for i = 1, #gone, 16 do
    ids[#ids + 1] = sub(gone, i, i + 15)
    fields[#fields + 1] = 'G' .. ids[#ids]
  end
  if #ids == 0 then return ids, {}, fields end
  local rows, standing = call('HMGET', KEYS.chunks, unpack(fields)), call('HMGET', ROWS, unpack(ids))
  for i = 1, #ids do
    if standing[i] or seen[ids[i]] then rows[i] = false end
    seen[ids[i]] = true
  end
  return ids, rows, fields
end
