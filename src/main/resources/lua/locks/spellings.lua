-- The addresses of a bucket's machines that may be spelled otherwise than the gateway spells them: all but plain
-- dotted quads. Steps from address to address of the listing index, whatever the number of locks of each.
-- @keys meta result rows list expiry aliases
-- How many addresses to look at; go on behind this: letter of the protocol, and address.
-- @argv request deadline mark how_many behind
-- End is 'end' or empty; each spelling is a letter of the protocol and an address.
-- @answer spellings time end behind spelling...
-- @answer mark time found | epoch time found
-- @include text (sub, match)
-- @include clock (now_text, begin_reading)
-- @include rows (LIST)
-- A place is the letter of a protocol and an address.
-- @column address 2
local stale = begin_reading()
if stale then return stale end
local place = ARGV.behind
local reply = { 'spellings', now_text, '', place }
for _ = 1, tonumber(ARGV.how_many) do
  -- A line feed is the next character after the tab that ends the address.
  local lower = place == '' and '[m' or '(m' .. place .. '\n'
  local member = call('ZRANGEBYLEX', LIST, lower, '(n', 'LIMIT', '0', '1')[1]
  if not member then
    reply[3] = 'end'
    return reply
  end
  place = match(member, '^m([^\t]*)\t')
  reply[4] = place
  local address = address_of(place)
  if not match(address, '^%d+%.%d+%.%d+%.%d+$') or match(address, '^0%d') or match(address, '%.0%d') then
    reply[#reply + 1] = place
  end
end
return reply
