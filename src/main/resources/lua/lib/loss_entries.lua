-- What others took of a session, in a field of the hash of sessions:
--
--   L<session>   how many of its entries the last renewal told (3 digits), whether there were more (0 or 1); entries,
--                a line feed behind each: an id, and the row as it stood with the range that was lost
-- @include text (format, sub)
-- @column told_entries 1 3
-- @column whether_more 4 4
-- @column loss_entries 5
local function count_entries(entries)
  local _, count = string.gsub(entries, '\n', '')
  return count
end

-- Without as many of the first.
local function entries_behind(entries, count)
  for _ = 1, count do entries = string.gsub(entries, '^[^\n]*\n', '', 1) end
  return entries
end

local function loss_field(told, more, entries)
  return format('%03d', told) .. more .. entries
end
