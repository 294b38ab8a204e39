-- One step of the repair of a bucket (see Repair.java). From the mark on every other script refuses, because the mark stands where the
-- epoch is; a second repair puts its own mark in its place, and the first one's steps change nothing more.
-- KEYS: meta, result, and of an edit the key to change
-- ARGV: 1-3 see clock, 4 id of the repair, 5 mark|edit|unmark, of an edit 6 command, 7- its arguments behind the key
-- @include clock
local stored = read_clock() or format('%d', EPOCH)
local ahead = now_text
local time = call('TIME')
local server = format('%d', time[1] * 1000 + floor(time[2] / 1000))
if tonumber(server) > tonumber(ARGV[2]) then return { 'late', server } end

local id, epoch = match(stored, '^repair:([^:]*):(.*)$')
if ARGV[5] == 'mark' then
  -- Time runs backwards here when the bucket was ahead of its server.
  call('HSET', META, 'epoch', 'repair:' .. ARGV[4] .. ':' .. (epoch or stored), 'clock', server)
  return { 'marked', server, format('%d', tonumber(ahead) - tonumber(server)) }
end
if id ~= ARGV[4] then return { 'taken', server } end
if ARGV[5] == 'unmark' then
  call('HSET', META, 'epoch', epoch)
  return { 'unmarked', server }
end
local command = ARGV[6]
call(command, KEYS[3], unpack(ARGV, 7))
return { 'edited', server }
