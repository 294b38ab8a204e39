-- The addresses of a bucket's machines that may be spelled otherwise than the gateway spells them: all but plain
-- dotted quads. Steps from address to address of the listing index, whatever the number of locks of each.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- How many addresses to look at; go on behind this: letter of the protocol, and address.
-- @argv request deadline mark how_many behind
-- End is 'end' or empty; each spelling is a letter of the protocol and an address.
-- @answer spellings time end behind spelling...
-- @answer mark time found | epoch time found
-- @include text (sub, match)
-- @include clock (now_text, begin_reading)
-- @include list_names (lists_of, newest_rows)
-- @include slice (precedes)
-- A place is the letter of a protocol and an address. In the name of a list of machines it stands between a letter and
-- a tab.
-- @column address 2
-- @column place 2 -2
local stale = begin_reading()
if stale then return stale end
local place = ARGV.behind
local reply = { 'spellings', now_text, '', place }

-- Adds a place whose address is no plain dotted quad.
local function offer(found)
  local address = address_of(found)
  if not match(address, '^%d+%.%d+%.%d+%.%d+$') or match(address, '^0%d') or match(address, '%.0%d') then
    reply[#reply + 1] = found
  end
end

-- The next place among the lists (kind 'Dm'), or among the entries that a gateway of format 2 has left ('m').
local function place_after(kind, upper)
  -- A line feed is the next character after the tab that ends the address.
  local lower = place == '' and '[' .. kind or '(' .. kind .. place .. '\n'
  local member = call('ZRANGEBYLEX', KEYS.list, lower, upper, 'LIMIT', '0', '1')[1]
  return member and match(member, '^' .. kind .. '([^\t]*)\t')
end

for _ = 1, tonumber(ARGV.how_many) do
  local listed, entry = place_after('Dm', '(Dn'), place_after('m', '(n')
  if not listed and not entry then
    reply[3] = 'end'
    -- The newest grants stand in no list; one that was split off from an older one has its spelling.
    local _, rows = newest_rows()
    for i = 1, #rows do
      if rows[i] then
        local _, machine = lists_of(rows[i])
        offer(place_of(machine))
      end
    end
    return reply
  end
  place = not listed and entry or (entry and precedes(entry, '', listed, '')) and entry or listed
  reply[4] = place
  offer(place)
end
return reply
