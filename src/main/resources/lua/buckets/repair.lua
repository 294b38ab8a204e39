-- One step of the repair of a bucket (see Repair.java). From the mark on every other script refuses, because the mark
-- stands where the epoch is; a second repair puts its own mark in its place, and the first one's steps change nothing
-- more. The last key is the one to change, of an edit.
-- @keys meta result edited?
-- The id of the repair; mark, edit or unmark; of an edit its command, and the command's arguments behind the key.
-- @argv request deadline mark repair step command? edits...
-- @answer marked time ahead_ms
-- @answer edited time | unmarked time
-- Another repair has taken the bucket.
-- @answer taken time
-- @answer late time
-- @include text (format, match)
-- @include clock (META, EPOCH, MARK, server_now, seen, read_clock)
local stored, mark = read_clock()
stored = stored or format('%d', EPOCH)
local server = format('%d', server_now)
if server_now > tonumber(ARGV.deadline) then return { 'late', server } end

local id, epoch = match(stored, '^repair:([^:]*):(.*)$')
if ARGV.step == 'mark' then
  wrote = true
  -- A bucket that has lost its meta gets this gateway's mark at once: a repair that stops half way is known as one.
  call('HSET', META, 'epoch', 'repair:' .. ARGV.repair .. ':' .. (epoch or stored), 'mark', mark or MARK)
  -- Whoever listens is told of a gap then.
  call('HDEL', META, 'events_until')
  -- Time runs backwards here when the bucket was ahead of its server.
  if seen > server_now then call('HSET', META, 'clock', server) end
  return { 'marked', server, format('%d', math.max(seen - server_now, 0)) }
end
-- A second attempt of the step that took the mark away finds none.
if not id and ARGV.step == 'unmark' then return { 'unmarked', server } end
if id ~= ARGV.repair then return { 'taken', server } end
wrote = true
if ARGV.step == 'unmark' then
  call('HSET', META, 'epoch', epoch)
  return { 'unmarked', server }
end
local command = ARGV.command
call(command, KEYS.edited, unpack(ARGV, PLACE.edits))
return { 'edited', server }
