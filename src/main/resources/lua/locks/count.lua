-- Counts the live rows that match in a slice of a listing index, by one property.
-- @keys meta result rows list expiry aliases
-- By: a(ddress), f(ile), m(ode). Prefix: what the entries begin with; behind: what follows the prefix in the entry to
-- go on behind.
-- @argv request deadline mark by entries prefix behind filter...
-- End is 'end' or empty.
-- @answer counted time end behind (value rows)...
-- @answer mark time found | epoch time found
-- @include text (sub, match)
-- @include clock (now_text, begin_reading)
-- @include rows (modes_of, id_of, ROWS, LIST, is_live, fields_of)
-- @include filter (read_filter, matches)
local stale = begin_reading()
if stale then return stale end
local by, entries, prefix, place = ARGV.by, tonumber(ARGV.entries), ARGV.prefix, ARGV.behind
local wanted = read_filter(PLACE.filter)
local lower = (place == '' and '[' or '(') .. prefix .. place
local members = call('ZRANGEBYLEX', LIST, lower, '(' .. prefix .. '\255', 'LIMIT', '0', entries)
local reply = { 'counted', now_text, #members < entries and 'end' or '', '' }
if #members == 0 then return reply end
local ids = {}
for i = 1, #members do ids[i] = id_of(members[i]) end
local rows = call('HMGET', ROWS, unpack(ids))
local counts = {}
for i = 1, #members do
  local row = rows[i]
  if row and is_live(row) and matches(row, wanted) then
    local key
    if by == 'm' then
      key = modes_of(row)
    else
      local _, _, _, _, space, address = fields_of(row)
      key = by == 'a' and address or match(space, '^[^:]*')
    end
    counts[key] = (counts[key] or 0) + 1
  end
end
for key, count in pairs(counts) do
  reply[#reply + 1] = key
  reply[#reply + 1] = tostring(count)
end
reply[4] = sub(members[#members], #prefix + 1)
return reply
