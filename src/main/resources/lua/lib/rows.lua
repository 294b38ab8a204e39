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
-- r range, z zero length, o an open, which has no range: lo and hi are both its share modes (opens.lua)
-- @column shape 36 36
-- 1 when the grant has aliases (aliases.lua), or what others took of it is kept (loss_entries.lua), else 0
-- @column aliased 37 37
-- 0, or b when it will be broken (breaks.lua); and of rows beside the table (waiters.lua) 1 until the grant is
-- confirmed, w while it waits
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
-- When a lock will be broken, in an order for that (breaks.lua).
-- @column order_at 1 13
--
-- The id of a grant, at the end of every entry of an index, and the alias at the end of an entry of aliases.
-- @column id -16
-- @column alias -17
local ROWS, ALIASES = KEYS.rows, KEYS.aliases
local TAIL, NO_DEADLINE = COLUMN.tail, '0000000000000'

local function fields_of(row)
  return match(row, '^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t', TAIL)
end

-- The session of a row, empty for none.
local function session_of(row)
  return match(row, '^[^\t]*\t[^\t]*\t[^\t]*\t([^\t]*)\t', TAIL)
end

-- Whether its own time is not over.
local function is_in_time(row)
  local deadline = deadline_of(row)
  if deadline ~= NO_DEADLINE then return deadline > lease_now end
  return lifetime_of(row) ~= 's' or live_copy(session_of(row)) ~= nil
end

local closed = {} -- by handle, as it was found
local any_opens -- whether the bucket has opens; nil while nobody has asked

-- Whether a handle of SMB, named by its space and owner, had opens and all of them have ended: its ranges have ended
-- with the last. Their rows go later, and before the entries of its opens, by which this is known (opens.lua).
local function is_closed(handle)
  if any_opens == nil then any_opens = call('ZCARD', KEYS.opens) > 0 end
  if not any_opens then return false end
  if closed[handle] ~= nil then return closed[handle] end
  local lower, upper, found = '[H' .. handle, '(H' .. handle .. 'g', false
  while true do
    local entries, ids = call('ZRANGEBYLEX', KEYS.opens, lower, upper, 'LIMIT', '0', '64'), {}
    for i = 1, #entries do ids[i] = id_of(entries[i]) end
    local rows = #ids > 0 and call('HMGET', ROWS, unpack(ids)) or {}
    for i = 1, #ids do
      if rows[i] and is_in_time(rows[i]) then
        closed[handle] = false
        return false
      end
    end
    found = found or #ids > 0
    if #ids < 64 then break end
    lower = '(' .. entries[64]
  end
  closed[handle] = found
  return found
end

local function is_live(row)
  if not is_in_time(row) then return false end
  if protocol_of(row) ~= 's' or shape_of(row) == 'o' then return true end
  local owner_id, principal, _, _, space = fields_of(row)
  return not is_closed(space .. '\t' .. owner_id .. '\t' .. principal .. '\t')
end

-- A live row as it is told: that of a session with the time at which the session ends, but for one that waits; that of
-- a lock that will be broken with the time of that in one more field.
local function told(row)
  local stage = provisional_of(row)
  if lifetime_of(row) == 's' and stage ~= 'w' then
    local copy = live_copy(session_of(row))
    if copy then row = before_deadline(row) .. copy_deadline_of(copy) .. after_deadline(row) end
  end
  if stage ~= 'b' then return row end
  local token = token_of(row)
  local order = call('HGET', KEYS.breaks, 'N' .. token) or call('HGET', KEYS.breaks, 'P' .. token)
  if order then return row .. '\t' .. order_at_of(order) end
  return before_provisional(row) .. '0' .. after_provisional(row)
end

-- The principal in the key of an owner, or in a row from TAIL on.
local function principal_of(text, from)
  return match(text, '^[^\t]*\t([^\t]*)\t', from or 1)
end
