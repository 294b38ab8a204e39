-- A grant's row: one string in the hash of its bucket, under its id. Columns first, so that a check reads them by
-- position, then what never changes while the grant stands, separated by tabs (no id or name may hold a control
-- character). Java reads this table too (RowColumn).
-- @include text (sub, match)
-- @include clock (lease_now)
-- @include copies (copy_deadline_of, live_copy)
--
-- @column lo 1 16
-- @column hi 17 32
-- S exclusive, W shared: whether the grant keeps others' shared locks away.
-- @column strength 33 33
-- n NLM, 4 NFSv4, s SMB
-- @column protocol 34 34
-- u until released, l lease, s session
-- @column lifetime 35 35
-- r range, z zero length
-- @column shape 36 36
-- 1 when the grant has aliases (aliases.lua), or what others took of it is kept (loss_entries.lua), else 0
-- @column aliased 37 37
-- 0; and of rows beside the table (waiters.lua) 1 until the grant is confirmed, w while it waits
-- @column provisional 38 38
-- E, S, R and W, or '-' in the place of each that the grant has not
-- @column modes 39 42
-- @column token 43 58
-- ms, zeros for none and for a session, whose copy has it (copies.lua)
-- @column deadline 59 71
-- The request that granted or renewed it. A tab follows.
-- @column request 72 95
-- The rest, in fields; since is in ms.
-- @column tail 97
-- @fields owner_id principal owner_name session space owner_address node_address since
--
-- Several columns: the range; what the entries of the indexes are made of; what rows of one owner that merge have in
-- common.
-- @column bounds 1 32
-- @column indexed 1 36
-- @column merge_kind 33 35
--
-- The id of a grant, at the end of every entry of an index, and the alias at the end of an entry of aliases.
-- @column id -16
-- @column alias -17
local ROWS, LIST, CHUNKS, EXPIRY, ALIASES = KEYS.rows, KEYS.list, KEYS.chunks, KEYS.expiry, KEYS.aliases
local TAIL, NO_DEADLINE = COLUMN.tail, '0000000000000'

local function fields_of(row)
  return match(row, '^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t', TAIL)
end

-- The session of a row, empty for none.
local function session_of(row)
  return match(row, '^[^\t]*\t[^\t]*\t[^\t]*\t([^\t]*)\t', TAIL)
end

local function is_live(row)
  local deadline = deadline_of(row)
  if deadline ~= NO_DEADLINE then return deadline > lease_now end
  return lifetime_of(row) ~= 's' or live_copy(session_of(row)) ~= nil
end

-- A live row as it is told: that of a session with the time at which the session ends. One that waits has none.
local function told(row)
  if lifetime_of(row) ~= 's' or provisional_of(row) == 'w' then return row end
  local copy = live_copy(session_of(row))
  return copy and before_deadline(row) .. copy_deadline_of(copy) .. after_deadline(row) or row
end

-- The principal in the key of an owner, or in a row from TAIL on.
local function principal_of(text, from)
  return match(text, '^[^\t]*\t([^\t]*)\t', from or 1)
end
