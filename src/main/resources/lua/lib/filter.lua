-- Which rows a list, a count or a release by client means: arguments from i on, pairs of a letter and a value behind
-- their number. a = owner_address, n = owner_name, o = owner_id, p = principal, f = file version ("file:snapshot:").
-- @include text (match)
-- @include rows (fields_of)

local function read_filter(i)
  local wanted, pairs_given = {}, tonumber(ARGV[i])
  for k = 1, pairs_given do wanted[ARGV[i + 2 * k - 1]] = ARGV[i + 2 * k] end
  return wanted, i + 1 + 2 * pairs_given
end

local function matches(row, wanted)
  local owner_id, principal, owner_name, _, space, address = fields_of(row)
  return (not wanted.a or wanted.a == address)
    and (not wanted.n or wanted.n == owner_name)
    and (not wanted.o or wanted.o == owner_id)
    and (not wanted.p or wanted.p == principal)
    and (not wanted.f or wanted.f == match(space, '^[^:]*:[^:]*:'))
end
