-- A slice of a listing index: live rows that match, in order, and how far it has read.
-- @keys meta result rows list expiry aliases
-- Prefix: what the entries begin with; behind: what follows the prefix in the entry to go on behind.
-- @argv request deadline mark rows_wanted entries prefix behind filter...
-- End is 'end' or empty.
-- @answer listed time end behind (id row)...
-- @answer mark time found | epoch time found
-- @include text (sub)
-- @include clock (now_text, begin_reading)
-- @include rows (id_of, ROWS, LIST, is_live)
-- @include filter (read_filter, matches)
local stale = begin_reading()
if stale then return stale end
local rows_wanted, entries = tonumber(ARGV.rows_wanted), tonumber(ARGV.entries)
local prefix, place = ARGV.prefix, ARGV.behind
local wanted = read_filter(PLACE.filter)
local lower = (place == '' and '[' or '(') .. prefix .. place
local members = call('ZRANGEBYLEX', LIST, lower, '(' .. prefix .. '\255', 'LIMIT', '0', entries)
local reply = { 'listed', now_text, '', '' }
if #members == 0 then
  reply[3] = 'end'
  return reply
end
local ids = {}
for i = 1, #members do ids[i] = id_of(members[i]) end
local rows = call('HMGET', ROWS, unpack(ids))
local read, matched = #members, 0
for i = 1, #members do
  local row = rows[i]
  if row and is_live(row) and matches(row, wanted) then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = row
    matched = matched + 1
    if matched == rows_wanted then
      read = i
      break
    end
  end
end
if read == #members and read < entries then reply[3] = 'end' end
reply[4] = sub(members[read], #prefix + 1)
return reply
