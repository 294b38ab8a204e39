-- Sessions at home, the bucket of their principal:
--
--   H<session>   l (live), e (ended, and not in all buckets yet) or d (ended everywhere); deadline, or when it ended;
--                length; principal, machine name and when it was opened
--   B<session>   the buckets that it uses, each with a comma behind it
--
-- Beside the hash there are two sorted sets. One has H<session>, C<session> and L<session> by the time at which a sweep
-- has something to do there (ms, a score); the other, all scores 0, <principal> <session> of those that are live.
-- @include text (format, sub, match)
-- @include clock (lease_now)
-- @column home_state 1 1
-- @column home_deadline 2 14
-- @column home_ttl 15 22
-- @column home_tail 23
local HOMES, DUE, LIVE = KEYS.sessions, KEYS.due, KEYS.live
local REMEMBERED_MS = 600000

local function home_row(state, at, ttl, tail)
  return state .. format('%013d', at) .. format('%08d', ttl) .. tail
end

local function home_of(session)
  return call('HGET', HOMES, 'H' .. session)
end

local function is_live_home(row)
  return home_state_of(row) == 'l' and home_deadline_of(row) > lease_now
end

-- Principal and machine name.
local function home_fields(row)
  return match(home_tail_of(row), '^([^\t]*)\t([^\t]*)\t')
end
