-- Events of this bucket behind one of them. What is behind an event that is there is complete: the oldest go first.
-- @keys meta result events
-- @argv request deadline mark event how_many
-- Each is an id, a kind and a text, see lib/events.lua.
-- @answer events time (event kind text)...
-- The event is not there any more.
-- @answer gone time
-- @answer mark time found | epoch time found
-- @include text (format)
-- @include clock (now_text, begin_reading)
local stale = begin_reading()
if stale then return stale end
local found = call('XRANGE', KEYS.events, ARGV.event, '+', 'COUNT', format('%d', tonumber(ARGV.how_many) + 1))
if #found == 0 or found[1][1] ~= ARGV.event then return { 'gone', now_text } end
local reply = { 'events', now_text }
for i = 2, #found do
  local n = #reply
  reply[n + 1], reply[n + 2], reply[n + 3] = found[i][1], found[i][2][1], found[i][2][2]
end
return reply
