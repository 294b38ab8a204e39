-- Gives rows of one machine the canonical spelling of its address. Who holds what does not change.
-- @keys meta result rows list expiry aliases
-- How many rows at most; letter of the protocol; address as it is stored; address to store.
-- @argv request deadline mark rows_at_most protocol stored_address address
-- @answer respelled time rows
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin, keep_clock, finish)
-- @include rows (before_tail, id_of, ROWS, LIST, TAIL)
-- @include send (send)
local answer = begin()
if answer then return answer end
local stored = 'm' .. ARGV.protocol .. ARGV.stored_address .. '\t'
local canonical = 'm' .. ARGV.protocol .. ARGV.address .. '\t'
local members = call('ZRANGEBYLEX', LIST, '[' .. stored, '(' .. stored .. '\255', 'LIMIT', '0', ARGV.rows_at_most)
local put, listed = {}, {}
for i = 1, #members do
  local id = id_of(members[i])
  local row = call('HGET', ROWS, id)
  local head, tail
  if row then head, tail = match(row, '^([^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t)[^\t]*(\t.*)$', TAIL) end
  if head then
    put[#put + 1] = id
    put[#put + 1] = before_tail(row) .. head .. ARGV.address .. tail
    listed[#listed + 1] = '0'
    listed[#listed + 1] = canonical .. id
  end
end
keep_clock()
send('ZADD', LIST, listed)
send('HSET', ROWS, put)
send('ZREM', LIST, members)
return finish({ 'respelled', now_text, tostring(#members) })
