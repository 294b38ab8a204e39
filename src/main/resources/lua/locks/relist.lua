-- Takes grants that have gone from their lists, and moves entries of the listing indexes that a gateway of format 2
-- has written into chunks. Who holds what, and what lists show, does not change.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- How many entries at most.
-- @argv request deadline mark entries_at_most
-- @answer relisted time entries
-- @answer late time | mark time found | epoch time found
-- @include text (sub)
-- @include clock (gone, now_text, begin, keep_clock, finish)
-- @include rows (id_of)
-- @include list_names (is_kept)
-- @include lists (list_ids, write_lists, unlist_gone)
-- @include send (send)
-- An entry without its id.
-- @column entry_name 1 -17
local answer = begin()
if answer then return answer end
-- These first: what has gone must not be moved.
if gone ~= '' then
  unlist_gone()
  keep_clock(nil, '')
end
-- Behind the directory.
local entries = call('ZRANGEBYLEX', KEYS.list, '[E', '+', 'LIMIT', '0', ARGV.entries_at_most)
if #entries == 0 then return { 'relisted', now_text, '0' } end
local lists, ids = {}, {}
for i = 1, #entries do
  local list = entry_name_of(entries[i])
  -- 5f5eaf0 has also listed by a machine name that is empty.
  if is_kept(list) then
    if not ids[list] then
      ids[list], lists[#lists + 1] = {}, list
    end
    ids[list][#ids[list] + 1] = id_of(entries[i])
  end
end
local listing = list_ids(lists, ids)
keep_clock()
write_lists(listing)
send('ZREM', KEYS.list, entries)
return finish({ 'relisted', now_text, tostring(#entries) })
