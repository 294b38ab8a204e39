-- What happens to the locks of this bucket, told to those who listen: by the script that does it, and only while
-- somebody does.
--
-- KEYS.events is a stream of one event an entry, a kind and a text:
--
--   g   granted, q waits, r released, x expired, b broken: <id of the grant> <id of the waiter>, zeros for none, and
--       the row
--   s   nothing: events before this entry may be missing (events/listen.lua)
--
-- meta's events_until is <until, ms of the server's clock> <epoch> <how many events are kept>.
--
-- An event is written before what it tells. A script that dies half way has told of bytes of POSIX what its repeat
-- completes. Of an SMB lock or a waiter its repeat tells again, with another number: the first is told and was never.
-- @include hex (ZERO)
-- @include clock (META, listened)
local EVENTS = KEYS.events
local untold = false -- an event could not be written

-- Behind keep_clock(). Answers whether anybody listens; without a kind that is all. Events keep nobody from a lock:
-- when one cannot be written no more are, and whoever registers next hears that some are missing.
local function tell(kind, id, row, waiter)
  if not listened or untold then return false end
  if not kind then return true end
  local entry = redis.pcall('XADD', EVENTS, 'MAXLEN', '~', listened, '*', kind, id .. (waiter or ZERO) .. row)
  if entry.err then
    untold = true
    call('HDEL', META, 'events_until')
  end
end
