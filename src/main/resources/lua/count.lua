-- Counts the live rows that match in a slice of a listing index, by one property.
-- KEYS and ARGV as in list.lua, but ARGV[4] is what to count by: a(ddress), f(ile), m(ode)
-- @include clock
-- @include rows
-- @include filter
local stale = begin_reading()
if stale then return stale end
local by, entries, prefix, place = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7]
local wanted = read_filter(8)
local lower = (place == '' and '[' or '(') .. prefix .. place
local members = call('ZRANGEBYLEX', LIST, lower, '(' .. prefix .. '\255', 'LIMIT', '0', entries)
local reply = { 'counted', now_text, #members < entries and 'end' or '', '' }
if #members == 0 then return reply end
local ids = {}
for i = 1, #members do ids[i] = sub(members[i], -16) end
local rows = call('HMGET', ROWS, unpack(ids))
local counts = {}
for i = 1, #members do
  local row = rows[i]
  if row and is_live(row) and matches(row, wanted) then
    local key
    if by == 'm' then
      key = sub(row, 39, 42)
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
