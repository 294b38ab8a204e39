-- The listing indexes: for each value of six properties (list_names.lua) the ids of its grants, in order. Written here
-- alone, and read by slice.lua.
--
-- The ids of a list, 16 hex digits each, stand in chunks, which are fields of one hash:
--
--   <list>             the tail, where new ids come: how many ids stand in closed chunks (8 digits), then ids
--   <list> <last id>   a closed chunk: ids that are greater than those of the chunk before, and not greater than the
--                      last id that it was closed with (which may have gone since)
--
-- A sorted set, all scores 0, is their directory, and still holds what a gateway of format 2 has written:
--
--   D <list> <last id>   a closed chunk
--   D <list> t           the list exists: kept for files and machine addresses, which are walked value by value
--   <list> <id>          format 2: the grant stands in this list, and in no chunk of it (relist.lua moves it)
--
-- The newest grants stand in no list: their ids are in meta (newest), in order, and whoever reads lists looks at their
-- rows too. When there are NEWEST_BYTES of them they are listed together, each chunk written once. So a grant that
-- ends soon costs no list anything, and one that stays shares the cost with others.
--
-- In the same way a grant that ends alone stays in its lists at first. Its id is in meta (gone), its row in
--
--   G <id>             of the hash, for the names of its lists
--
-- and when there are as many the lists lose them together. What ends in a plan goes at once.
--
-- A script that dies half way leaves ids that say too much: of rows that are not there, or in two chunks, or in a
-- chunk and in newest. Readers skip the former, and show the latter once.
-- @include text (format, sub, floor)
-- @include clock (first_id_of, newest)
-- @include list_names (lists_of, is_kept, newest_rows, gone_rows)
-- @include send (send)
-- Of a tail; of a directory entry; of ids; of the name of a list.
-- @column closed_ids 1 8
-- @column tail_ids 9
-- @column chunk 2
-- @column last_id -16
-- @column list_letter 1 1
local CHUNK_BYTES, SMALL, TINY = 512, 128, 32 -- 32 ids, 8, 2
local known = {} -- chunks as they stand, or will with this script, by field; false: none

-- Whether a grant, new or old, is among the newest, and so in no list.
local function is_newest(id)
  return newest ~= '' and id >= first_id_of(newest)
end

local function add_to_list(lists, ids, list, id)
  local its = ids[list]
  if its then
    its[#its + 1] = id
  else
    ids[list], lists[#lists + 1] = { id }, list
  end
end

-- Adds a grant to what is to be listed or unlisted: ids by list, and the lists in an array.
local function group(lists, ids, id, row)
  local f, m, o, p, n, s = lists_of(row)
  add_to_list(lists, ids, f, id)
  add_to_list(lists, ids, m, id)
  add_to_list(lists, ids, o, id)
  add_to_list(lists, ids, p, id)
  if is_kept(n) then add_to_list(lists, ids, n, id) end
  if s then add_to_list(lists, ids, s, id) end
end

-- Reads tails, all at once.
local function read_tails(lists)
  for from = 1, #lists, 1000 do
    local till = math.min(from + 999, #lists)
    local tails = call('HMGET', KEYS.chunks, unpack(lists, from, till))
    for i = from, till do
      if known[lists[i]] == nil then known[lists[i]] = tails[i - from + 1] end
    end
  end
end

-- How many ids stand in closed chunks of a list whose tail was read, and the ids of the tail.
local function tail_of_list(list)
  local tail = known[list]
  if not tail then return 0, '' end
  return tonumber(closed_ids_of(tail)), tail_ids_of(tail)
end

local function ids_of_chunk(field)
  if known[field] == nil then known[field] = call('HGET', KEYS.chunks, field) end
  return known[field] or ''
end

-- The directory entry of the closed chunk where an id belongs, nil when that is the tail.
local function closed_chunk(list, id)
  return call('ZRANGEBYLEX', KEYS.list, '[D' .. list .. id, '(D' .. list .. 'g', 'LIMIT', '0', '1')[1]
end

-- Where an id stands in a chunk, or the place of the first behind it; and whether it stands there.
local function place_in(ids, id)
  local low, high = 0, #ids / 16
  while low < high do
    local middle = floor((low + high) / 2)
    local at = 16 * middle + 1
    local other = sub(ids, at, at + 15)
    if other == id then return at, true end
    if other < id then low = middle + 1 else high = middle end
  end
  return 16 * low + 1, false
end

local function with_ids(ids, more)
  if #more == 0 then return ids end
  if ids == '' or last_id_of(ids) < more[1] then return ids .. table.concat(more) end
  for i = 1, #more do
    local at, there = place_in(ids, more[i])
    if not there then ids = sub(ids, 1, at - 1) .. more[i] .. sub(ids, at) end
  end
  return ids
end

-- Whether a grant stands among the newest.
local function has_newest(id)
  local _, there = place_in(newest, id)
  return there
end

-- What is left of a chunk, and those ids of the array that it does not have.
local function without_ids(ids, gone)
  local missing = {}
  for i = 1, #gone do
    local at, there = place_in(ids, gone[i])
    if there then
      ids = sub(ids, 1, at - 1) .. sub(ids, at + 16)
    else
      missing[#missing + 1] = gone[i]
    end
  end
  return ids, missing
end

local function new_changes()
  return { enter = {}, put = {}, drop = {}, leave = {} }
end

local function put_chunk(changes, field, ids)
  known[field] = ids
  local put = changes.put
  put[#put + 1], put[#put + 2] = field, ids
end

local function drop_chunk(changes, field)
  known[field] = false
  changes.drop[#changes.drop + 1] = field
end

local function enter(changes, entry)
  changes.enter[#changes.enter + 1], changes.enter[#changes.enter + 2] = '0', entry
end

-- Closes chunks of the first ids until few enough are left; answers those.
local function close_full(changes, list, ids, most)
  while #ids > most do
    local closed = sub(ids, 1, CHUNK_BYTES)
    ids = sub(ids, CHUNK_BYTES + 1)
    enter(changes, 'D' .. list .. last_id_of(closed))
    put_chunk(changes, list .. last_id_of(closed), closed)
  end
  return ids
end

local function put_tail(changes, list, closed, ids)
  put_chunk(changes, list, format('%08d', math.max(closed, 0)) .. ids)
end

-- The ids from the i-th on that are not greater than the last of a chunk, and the place behind them.
local function ids_up_to(ids, i, last)
  local part = {}
  while ids[i] and ids[i] <= last do
    part[#part + 1] = ids[i]
    i = i + 1
  end
  return part, i
end

-- Works out what to write so that ids stand in their lists; write_lists() writes it, before the rows.
local function list_ids(lists, ids_by_list)
  local changes = new_changes()
  read_tails(lists)
  for k = 1, #lists do
    local list = lists[k]
    local more, i = ids_by_list[list], 1
    local closed, tail = tail_of_list(list)
    table.sort(more)
    if not known[list] and (list_letter_of(list) == 'f' or list_letter_of(list) == 'm') then
      enter(changes, 'D' .. list .. 't')
    end
    -- An id that is older than those of the tail: of a row that a rollback restores, or of an entry of format 2.
    while closed > 0 and more[i] and (tail == '' or more[i] < first_id_of(tail)) do
      local entry = closed_chunk(list, more[i])
      if not entry then break end
      local part
      part, i = ids_up_to(more, i, last_id_of(entry))
      local before = ids_of_chunk(chunk_of(entry))
      local after = with_ids(before, part)
      closed = closed + (#after - #before) / 16
      put_chunk(changes, chunk_of(entry), close_full(changes, list, after, 2 * CHUNK_BYTES))
    end
    local rest = {}
    for j = i, #more do rest[#rest + 1] = more[j] end
    if #rest > 0 then tail = with_ids(tail, rest) end
    local left = close_full(changes, list, tail, CHUNK_BYTES)
    put_tail(changes, list, closed + (#tail - #left) / 16, left)
  end
  return changes
end

-- A closed chunk that has become small is joined to the next, which may be the tail; answers the tail and the number
-- of ids in closed chunks.
local function join_small(changes, list, entry, tail, closed)
  local ids = known[chunk_of(entry)]
  local next_entry = call('ZRANGEBYLEX', KEYS.list, '(' .. entry, '(D' .. list .. 'g', 'LIMIT', '0', '1')[1]
  if next_entry then
    local behind = ids_of_chunk(chunk_of(next_entry))
    if behind == '' or #ids + #behind > CHUNK_BYTES then return tail, closed end
    put_chunk(changes, chunk_of(next_entry), ids .. behind)
  elseif #ids + #tail > CHUNK_BYTES then
    return tail, closed
  else
    tail, closed = ids .. tail, closed - #ids / 16
  end
  drop_chunk(changes, chunk_of(entry))
  changes.leave[#changes.leave + 1] = entry
  return tail, closed
end

-- Works out what to write so that ids stand in these lists no more; write_lists() writes it, after the rows have gone.
local function unlist_ids(lists, ids_by_list)
  local changes = new_changes()
  local leave = changes.leave
  read_tails(lists)
  for k = 1, #lists do
    local list = lists[k]
    local gone, i = ids_by_list[list], 1
    local closed, tail = tail_of_list(list)
    table.sort(gone)
    tail, gone = without_ids(tail, gone)
    while closed > 0 and gone[i] do
      local entry = closed_chunk(list, gone[i])
      if not entry then break end
      local part, missing
      part, i = ids_up_to(gone, i, last_id_of(entry))
      local before = ids_of_chunk(chunk_of(entry))
      local after
      after, missing = without_ids(before, part)
      closed = closed - (#before - #after) / 16
      if after == '' then
        drop_chunk(changes, chunk_of(entry))
        leave[#leave + 1] = entry
      elseif #after < #before then
        put_chunk(changes, chunk_of(entry), after)
        if (#before > SMALL and #after <= SMALL) or (#before > TINY and #after <= TINY) then
          tail, closed = join_small(changes, list, entry, tail, closed)
        end
      end
      for j = 1, #missing do leave[#leave + 1] = list .. missing[j] end
    end
    -- What is in no chunk may be an entry of format 2.
    while gone[i] do
      leave[#leave + 1] = list .. gone[i]
      i = i + 1
    end
    if known[list] then
      if tail == '' and closed <= 0 then
        drop_chunk(changes, list)
        leave[#leave + 1] = 'D' .. list .. 't'
      else
        put_tail(changes, list, closed, tail)
      end
    end
  end
  return changes
end

-- An entry of the directory comes before its chunk and goes after it; readers skip one without.
local function write_lists(changes)
  send('ZADD', KEYS.list, changes.enter)
  send('HSET', KEYS.chunks, changes.put)
  send('HDEL', KEYS.chunks, changes.drop)
  send('ZREM', KEYS.list, changes.leave)
end

-- Adds the newest grants to what is to be listed, but for those that a plan deletes.
local function group_newest(lists, ids_by_list, is_gone)
  local ids, rows = newest_rows()
  for i = 1, #ids do
    if rows[i] and not is_gone(ids[i]) then group(lists, ids_by_list, ids[i], rows[i]) end
  end
end

-- Lists the newest grants; keep_clock() must then be told of others.
local function list_newest()
  local lists, ids_by_list = {}, {}
  group_newest(lists, ids_by_list, function() return false end)
  write_lists(list_ids(lists, ids_by_list))
end

-- Takes the grants that have gone from their lists. keep_clock() must then be told that there are none.
local function unlist_gone()
  local lists, ids_by_list = {}, {}
  local ids, rows, fields = gone_rows()
  for i = 1, #ids do
    if rows[i] then group(lists, ids_by_list, ids[i], rows[i]) end
  end
  write_lists(unlist_ids(lists, ids_by_list))
  send('HDEL', KEYS.chunks, fields)
end
