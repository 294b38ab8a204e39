-- Gives rows of one machine the canonical spelling of its address. Who holds what does not change.
-- KEYS: meta, result, rows, list, expiry, names
-- ARGV: 1-3 see clock, 4 rows at most, 5 protocol letter, 6 address as it is stored, 7 address to store
-- Answer: respelled, time, number of rows
-- @include clock
-- @include rows
-- @include send
local answer = begin()
if answer then return answer end
local before, after = 'm' .. ARGV[5] .. ARGV[6] .. '\t', 'm' .. ARGV[5] .. ARGV[7] .. '\t'
local members = call('ZRANGEBYLEX', LIST, '[' .. before, '(' .. before .. '\255', 'LIMIT', '0', ARGV[4])
local put, listed = {}, {}
for i = 1, #members do
  local id = sub(members[i], -16)
  local row = call('HGET', ROWS, id)
  local head, tail
  if row then head, tail = match(row, '^([^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t)[^\t]*(\t.*)$', TAIL) end
  if head then
    put[#put + 1] = id
    put[#put + 1] = sub(row, 1, TAIL - 1) .. head .. ARGV[7] .. tail
    listed[#listed + 1] = '0'
    listed[#listed + 1] = after .. id
  end
end
keep_clock()
send('ZADD', LIST, listed)
send('HSET', ROWS, put)
send('ZREM', LIST, members)
return finish({ 'respelled', now_text, tostring(#members) })
