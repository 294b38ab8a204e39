-- Sessions in a bucket that they use: a field of one hash for each, which heartbeats write and all other scripts read.
--
--   C<session>   the copy: l (live), its deadline, principal and machine name; or a tombstone: e (ended) or x
--                (expired), when, and principal
--
-- At home, and for what others took, there are more fields: see home.lua and loss_entries.lua.
-- @include text (sub, match)
-- @include clock (lease_now)
-- @column copy_state 1 1
-- @column copy_deadline 2 14
-- @column copy_tail 15
local SESSIONS = KEYS.sessions
local copies = {} -- by session, as they were read; false for none

-- What a bucket knows of a session: a copy, a tombstone, or false.
local function copy_of(session)
  local copy = copies[session]
  if copy == nil then
    copy = call('HGET', SESSIONS, 'C' .. session)
    copies[session] = copy
  end
  return copy
end

local function is_live_copy(copy)
  return copy and copy_state_of(copy) == 'l' and copy_deadline_of(copy) > lease_now
end

-- The copy of a session that has neither ended nor expired; else nil, and what the bucket knows of it.
local function live_copy(session)
  local copy = copy_of(session)
  if is_live_copy(copy) then return copy end
  return nil, copy
end

-- Principal and machine name.
local function copy_fields(copy)
  return match(copy_tail_of(copy), '^([^\t]*)\t([^\t]*)$')
end
