-- Counts the live rows that match in a slice of a listing index, by one property.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- By: a(ddress), f(ile), m(ode), of opens the share modes (opens.lua). Prefix: a list, or what lists begin with;
-- behind: the place in the index to go on behind.
-- @argv request deadline mark by entries prefix behind filter...
-- End is 'end' or empty.
-- @answer counted time end behind (value rows)...
-- @answer mark time found | epoch time found
-- @include text (match)
-- @include clock (now_text, begin_reading)
-- @include rows (lo_of, shape_of, modes_of, ROWS, is_live, fields_of)
-- @include filter (read_filter, matches)
-- @include slice (slice)
local stale = begin_reading()
if stale then return stale end
local by, entries, prefix, place = ARGV.by, tonumber(ARGV.entries), ARGV.prefix, ARGV.behind
local wanted = read_filter(PLACE.filter)
local ids, place_at = slice(prefix, place, entries)
local reply = { 'counted', now_text, #ids < entries and 'end' or '', '' }
if #ids == 0 then return reply end
local rows = call('HMGET', ROWS, unpack(ids))
local counts = {}
for i = 1, #ids do
  local row = rows[i]
  if row and is_live(row) and matches(row, wanted) then
    local key
    if by == 'm' then
      key = shape_of(row) == 'o' and lo_of(row) or modes_of(row)
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
reply[4] = place_at(#ids)
return reply
