-- One step of the repair of a bucket (see Repair.java). From the mark on every other script refuses, because the mark stands where the
-- epoch is; a second repair puts its own mark in its place, and the first one's steps change nothing more.
-- KEYS: meta, result, and of an edit the key to change
-- ARGV: 1-3 see clock, 4 id of the repair, 5 mark|edit|unmark, of an edit 6 command, 7- its arguments behind the key
-- @include clock
local stored = read_clock() or format('%d', EPOCH)
local server = format('%d', server_now)
if server_now > tonumber(ARGV[2]) then return { 'late', server } end

local id, epoch = match(stored, '^repair:([^:]*):(.*)$')
if ARGV[5] == 'mark' then
  wrote = true
  call('HSET', META, 'epoch', 'repair:' .. ARGV[4] .. ':' .. (epoch or stored))
  -- Time runs backwards here when the bucket was ahead of its server.
  if seen > server_now then call('HSET', META, 'clock', server) end
  return { 'marked', server, format('%d', math.max(seen - server_now, 0)) }
end
-- A second attempt of the step that took the mark away finds none.
if not id and ARGV[5] == 'unmark' then return { 'unmarked', server } end
if id ~= ARGV[4] then return { 'taken', server } end
wrote = true
if ARGV[5] == 'unmark' then
  call('HSET', META, 'epoch', epoch)
  return { 'unmarked', server }
end
local command = ARGV[6]
call(command, KEYS[3], unpack(ARGV, 7))
return { 'edited', server }
