-- Gives rows of one machine the canonical spelling of its address. Who holds what does not change.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- How many rows at most; letter of the protocol; address as it is stored; address to store.
-- @argv request deadline mark rows_at_most protocol stored_address address
-- @answer respelled time rows
-- @answer late time | mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin, keep_clock, finish)
-- @include rows (before_tail, ROWS, TAIL)
-- @include lists (is_newest, list_ids, unlist_ids, write_lists)
-- @include slice (slice)
-- @include send (send)
local answer = begin()
if answer then return answer end
local stored = 'm' .. ARGV.protocol .. ARGV.stored_address .. '\t'
local canonical = 'm' .. ARGV.protocol .. ARGV.address .. '\t'
local ids = slice(stored, '', tonumber(ARGV.rows_at_most))
local put, listed, unlisted = {}, {}, {}
for i = 1, #ids do
  local id = ids[i]
  local row = call('HGET', ROWS, id)
  local head, tail
  if row then head, tail = match(row, '^([^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t[^\t]*\t)[^\t]*(\t.*)$', TAIL) end
  if not is_newest(id) then
    unlisted[#unlisted + 1] = id
    if head then listed[#listed + 1] = id end
  end
  if head then
    put[#put + 1] = id
    put[#put + 1] = before_tail(row) .. head .. ARGV.address .. tail
  end
end
local listing = #listed > 0 and list_ids({ canonical }, { [canonical] = listed })
local unlisting = #unlisted > 0 and unlist_ids({ stored }, { [stored] = unlisted })
keep_clock()
if listing then write_lists(listing) end
send('HSET', ROWS, put)
if unlisting then write_lists(unlisting) end
return finish({ 'respelled', now_text, tostring(#ids) })
