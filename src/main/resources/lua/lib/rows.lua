-- A grant's row: one string in the hash of its bucket, under its id. Fixed columns first, so that a check reads them by
-- position, then what never changes while the grant stands, separated by tabs (no id or name may hold a control character):
--
--   1-16 lo   17-32 hi   33 strength S|W   34 protocol n|4|s   35 lifetime u(ntil released)|l(ease)|s(ession)
--   36 shape r(ange)|z(ero length)   37 has further names 0|1   38 provisional 0|1   39-42 modes of ESRW, or '-'
--   43-58 token   59-71 deadline in ms, zeros for none   72-95 request that granted or renewed it   96 tab
--   97- owner_id, principal, owner_name, session, space, owner_address, node_address, since (ms)
local ROWS, LIST, EXPIRY, NAMES = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local TAIL, NO_DEADLINE = 97, '0000000000000'

local function is_live(row)
  local deadline = sub(row, 59, 71)
  return deadline == NO_DEADLINE or deadline > now13
end

local function fields_of(row)
  return match(row, '^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t', TAIL)
end

-- The principal in the key of an owner, or in a row from TAIL on.
local function principal_of(text, from)
  return match(text, '^[^\t]*\t([^\t]*)\t', from or 1)
end

-- How many rows of a principal the bucket has, expired ones included.
local function rows_of(principal)
  local count = 0
  for _, protocol in ipairs({ 'n', '4', 's' }) do
    local entries = 'p' .. protocol .. principal .. '\t'
    count = count + call('ZLEXCOUNT', LIST, '[' .. entries, '(' .. entries .. 'g')
  end
  return count
end

-- Entries of the listing indexes: by file version, machine address, machine name, owner_id, principal. All end in the id,
-- which never changes while the grant stands.
local function list_entries(id, row)
  local owner_id, principal, name, _, space, address = fields_of(row)
  local protocol = sub(row, 34, 34)
  return 'f' .. protocol .. match(space, '^[^:]*:[^:]*:') .. id,
    'm' .. protocol .. address .. '\t' .. id,
    'n' .. protocol .. name .. '\t' .. id,
    'o' .. protocol .. owner_id .. '\t' .. id,
    'p' .. protocol .. principal .. '\t' .. id
end
