-- A slice of a listing index: out of the chunks, of entries of format 2 and of the newest grants (lists.lua).
-- @include text (sub)
-- @include hex (byte)
-- @include list_names (lists_of, newest_rows)
-- The end of a directory entry: t, or an id; the list in an entry; what a place in a list is made of.
-- @column entry_end -1
-- @column entry_chunk 2
-- @column entry_list 2 -2
-- @column chunk_list 1 -17
-- @column chunk_ids 9
-- @column place_id -16
local CHUNKS_AT_ONCE = 16

-- Whether one place comes before another. A place is the rest of a list's name, behind the prefix asked for, and an
-- id. Bytes are compared one by one, because Lua compares texts by the locale of the server.
local function precedes(value, id, other_value, other_id)
  if value == other_value then return id < other_id end
  for i = 1, #value do
    local one, other = byte(value, i), byte(other_value, i)
    if one ~= other then return other ~= nil and one < other end
  end
  return true
end

-- Places in order: the rests of names, and the ids.
local function new_places()
  return { values = {}, ids = {} }
end

local function add_place(places, value, id)
  local n = #places.ids + 1
  places.values[n], places.ids[n] = value, id
end

local function is_behind(places, value, id)
  local n = #places.ids
  return n == 0 or precedes(places.values[n], places.ids[n], value, id)
end

-- Two arrays of places in one, each place once.
local function merged(one, other)
  if #other.ids == 0 then return one end
  local both, i, j = new_places(), 1, 1
  while one.ids[i] or other.ids[j] do
    local value, id = one.values[i], one.ids[i]
    if not id or (other.ids[j] and not precedes(value, id, other.values[j], other.ids[j])) then
      value, id = other.values[j], other.ids[j]
      j = j + 1
    else
      i = i + 1
    end
    if is_behind(both, value, id) then add_place(both, value, id) end
  end
  return both
end

-- At least as many places as wanted, of those in chunks, or all; behind the given one.
local function places_in_chunks(prefix, behind, wanted)
  local places = new_places()
  local last_value, last_id = chunk_list_of(behind), place_id_of(behind)
  local lower, to, rest = (behind == '' and '[D' or '(D') .. prefix .. behind, '(D' .. prefix .. '\255', #prefix + 1
  -- A prefix of two characters means all lists of that kind; else it is the name of one list, with a tail.
  local tail_to_read = rest > 3 and prefix
  repeat
    local entries = call('ZRANGEBYLEX', KEYS.list, lower, to, 'LIMIT', '0', CHUNKS_AT_ONCE)
    local fields, lists = {}, {}
    for i = 1, #entries do
      if entry_end_of(entries[i]) == 't' then
        fields[i] = entry_list_of(entries[i])
        lists[i] = fields[i]
        tail_to_read = false
      else
        fields[i] = entry_chunk_of(entries[i])
        lists[i] = chunk_list_of(fields[i])
      end
    end
    local is_last = #entries < CHUNKS_AT_ONCE
    if is_last and tail_to_read then fields[#fields + 1], lists[#lists + 1] = tail_to_read, tail_to_read end
    local chunks = #fields > 0 and call('HMGET', KEYS.chunks, unpack(fields)) or {}
    for i = 1, #fields do
      local ids, value = chunks[i] or '', sub(lists[i], rest)
      if ids ~= '' and fields[i] == lists[i] then ids = chunk_ids_of(ids) end
      for at = 1, #ids, 16 do
        local id = sub(ids, at, at + 15)
        if (value ~= last_value or id > last_id) and is_behind(places, value, id) then add_place(places, value, id) end
      end
    end
    lower = '(' .. (entries[#entries] or '')
  until is_last or #places.ids >= wanted
  return places
end

-- Those of format 2.
local function places_of_entries(prefix, behind, wanted)
  local places, rest = new_places(), #prefix + 1
  local lower = (behind == '' and '[' or '(') .. prefix .. behind
  local entries = call('ZRANGEBYLEX', KEYS.list, lower, '(' .. prefix .. '\255', 'LIMIT', '0', wanted)
  for i = 1, #entries do add_place(places, sub(chunk_list_of(entries[i]), rest), place_id_of(entries[i])) end
  return places
end

-- Those of the newest grants.
local function places_of_newest(prefix, behind)
  local found, rest = {}, #prefix + 1
  local behind_value, behind_id = chunk_list_of(behind), place_id_of(behind)
  local ids, rows = newest_rows()
  for i = 1, #ids do
    local names = rows[i] and { lists_of(rows[i]) } or {}
    for k = 1, #names do
      local value = sub(names[k], rest)
      if prefix .. value == names[k] and (rest == 3 or value == '')
          and (behind == '' or precedes(behind_value, behind_id, value, ids[i])) then
        found[#found + 1] = { value, ids[i] }
      end
    end
  end
  table.sort(found, function(a, b) return precedes(a[1], a[2], b[1], b[2]) end)
  local places = new_places()
  for i = 1, #found do add_place(places, found[i][1], found[i][2]) end
  return places
end

-- The ids of a slice, at most as many as wanted, fewer only at the end of the list; and a function that says the place
-- of the i-th. A place is what follows the prefix: the rest of the list's name, and the id.
local function slice(prefix, behind, wanted)
  local places = places_in_chunks(prefix, behind, wanted)
  places = merged(places, places_of_entries(prefix, behind, wanted))
  places = merged(places, places_of_newest(prefix, behind))
  local ids = places.ids
  for i = #ids, wanted + 1, -1 do ids[i] = nil end
  return ids, function(i) return places.values[i] .. ids[i] end
end
