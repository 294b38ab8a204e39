-- The addresses of a bucket's machines that may be spelled otherwise than the gateway spells them: all but plain dotted
-- quads. Steps from address to address of the listing index, whatever the number of locks of each.
-- KEYS: meta, result, rows, list, expiry, names
-- ARGV: 1-3 see clock, 4 addresses to look at, 5 go on behind this: protocol letter and address
-- Answer: spellings, time, 'end' or empty, where to go on, then each as protocol letter and address
-- @include clock
-- @include rows
local stale = begin_reading()
if stale then return stale end
local place = ARGV[5]
local reply = { 'spellings', now_text, '', place }
for _ = 1, tonumber(ARGV[4]) do
  -- A line feed is the next character after the tab that ends the address.
  local lower = place == '' and '[m' or '(m' .. place .. '\n'
  local member = call('ZRANGEBYLEX', LIST, lower, '(n', 'LIMIT', '0', '1')[1]
  if not member then
    reply[3] = 'end'
    return reply
  end
  place = match(member, '^m([^\t]*)\t')
  reply[4] = place
  local address = sub(place, 2)
  if not match(address, '^%d+%.%d+%.%d+%.%d+$') or match(address, '^0%d') or match(address, '%.0%d') then
    reply[#reply + 1] = place
  end
end
return reply
