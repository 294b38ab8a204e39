-- A slice of a listing index: live rows that match, in order, and how far it has read.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- Prefix: a list, or what the names of lists begin with (a letter and a protocol); behind: the place to go on behind.
-- @argv request deadline mark rows_wanted entries prefix behind filter...
-- End is 'end' or empty.
-- @answer listed time end behind (id row)...
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include rows (ROWS, is_live, told)
-- @include filter (read_filter, matches)
-- @include slice (slice)
local stale = begin_reading()
if stale then return stale end
local rows_wanted, entries = tonumber(ARGV.rows_wanted), tonumber(ARGV.entries)
local prefix, place = ARGV.prefix, ARGV.behind
local wanted = read_filter(PLACE.filter)
local ids, place_at = slice(prefix, place, entries)
local reply = { 'listed', now_text, '', '' }
if #ids == 0 then
  reply[3] = 'end'
  return reply
end
local rows = call('HMGET', ROWS, unpack(ids))
local read, matched = #ids, 0
for i = 1, #ids do
  local row = rows[i]
  if row and is_live(row) and matches(row, wanted) then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = told(row)
    matched = matched + 1
    if matched == rows_wanted then
      read = i
      break
    end
  end
end
if read == #ids and read < entries then reply[3] = 'end' end
reply[4] = place_at(read)
return reply
