-- Registers somebody who listens to the events of this bucket: from now on they are written, until a while after the
-- last registration.
-- @keys meta result events
-- For how long, ms; how many events are kept, about.
-- @argv request deadline mark written_ms events_kept
-- The id of the last event.
-- @answer listening time event
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (META, EPOCH, now_text, server_now, listened, begin_reading)
local stale = begin_reading()
if stale then return stale end
local EVENTS = KEYS.events
local written_ms = tonumber(ARGV.written_ms)
local last = call('XREVRANGE', EVENTS, '+', '-', 'COUNT', '1')[1]
wrote = true
-- A mark, which whoever comes from before hears as a gap.
local event = listened and last and last[1]
  or call('XADD', EVENTS, 'MAXLEN', '~', ARGV.events_kept, '*', 's', '')
call('HSET', META, 'events_until', format('%d %d %s', server_now + written_ms, EPOCH, ARGV.events_kept))
-- A minute more, by a clock that may differ.
call('PEXPIRE', EVENTS, format('%d', written_ms + 60000))
return { 'listening', now_text, event }
