-- Aliases of grants: ids absorbed by a merge, and tokens from before a merge or a split, stay valid for the
-- successor. An alias is its kind, i(d) or t(oken), and the number; the sorted set holds N <alias> <id> and R <id>
-- <alias>. A grant's own id needs no entry, nor does its first token, which is the same number.
-- @include text (sub)
-- @include rows (aliased_of, alias_of, ALIASES)
-- @column alias_kind 1 1
local INHERITED, INHERITED_TEXT = 64, '64' -- tokens that the right part of a split takes over
local new_aliases = {} -- by id: the set of aliases it gets with the commit
local stale_aliases = {} -- entries that go with the commit though their grant stays

-- Gives a grant an alias.
local function add_alias(alias, id)
  local aliases = new_aliases[id]
  if not aliases then
    aliases = {}
    new_aliases[id] = aliases
  end
  aliases[alias] = true
end

-- Takes an alias from a grant that stays.
local function drop_alias(alias, id)
  stale_aliases[#stale_aliases + 1] = 'R' .. id .. alias
  stale_aliases[#stale_aliases + 1] = 'N' .. alias .. id
end

-- The aliases that a grant has in Redis.
local function stored_aliases(id, row)
  local aliases = {}
  if aliased_of(row) == '1' then
    local members = call('ZRANGEBYLEX', ALIASES, '[R' .. id, '(R' .. id .. 'u')
    for i = 1, #members do aliases[i] = alias_of(members[i]) end
  end
  return aliases
end

-- The first token of a grant is the number of its id; that of one that was broken and restored is refused
-- (breaks.lua).
local function inherit_first_token(successor, id, row)
  if aliased_of(row) == '1' and call('HGET', KEYS.breaks, 'R' .. id) then return end
  add_alias('t' .. id, successor)
end

-- A row that absorbs another answers to all its aliases.
local function inherit_aliases(successor, id, row)
  local aliases = stored_aliases(id, row)
  for i = 1, #aliases do add_alias(aliases[i], successor) end
  for alias in pairs(new_aliases[id] or {}) do add_alias(alias, successor) end
  add_alias('i' .. id, successor)
  inherit_first_token(successor, id, row)
end

-- A part that is split off answers to the tokens, because the id stays with the left part; and only to the first and
-- the newest of them: a request may split a hundred times, and each part would copy a thousand.
local function inherit_tokens(successor, id, row)
  local tokens = {}
  if aliased_of(row) == '1' then
    local from, to = '(R' .. id .. 'u', '[R' .. id .. 't'
    local members = call('ZREVRANGEBYLEX', ALIASES, from, to, 'LIMIT', '0', INHERITED_TEXT)
    for i = 1, #members do tokens[i] = alias_of(members[i]) end
  end
  for alias in pairs(new_aliases[id] or {}) do
    if alias_kind_of(alias) == 't' then tokens[#tokens + 1] = alias end
  end
  inherit_first_token(successor, id, row)
  table.sort(tokens, function(a, b) return a > b end)
  for i = 1, math.min(#tokens, INHERITED) do add_alias(tokens[i], successor) end
end
