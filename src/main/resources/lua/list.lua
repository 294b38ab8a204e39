-- A slice of a listing index: live rows that match, in order, and how far it has read.
-- KEYS: meta, result, rows, list, expiry, names
-- ARGV: 1-3 see clock, 4 rows wanted, 5 entries to look at, 6 index prefix, 7 go on behind this (what follows the prefix),
--       8- filter
-- @include clock
-- @include rows
-- @include filter
local stale = begin_reading()
if stale then return stale end
local rows_wanted, entries, prefix, place = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], ARGV[7]
local wanted = read_filter(8)
local lower = (place == '' and '[' or '(') .. prefix .. place
local members = call('ZRANGEBYLEX', LIST, lower, '(' .. prefix .. '\255', 'LIMIT', '0', entries)
local reply = { 'listed', now_text, '', '' }
if #members == 0 then
  reply[3] = 'end'
  return reply
end
local ids = {}
for i = 1, #members do ids[i] = sub(members[i], -16) end
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
