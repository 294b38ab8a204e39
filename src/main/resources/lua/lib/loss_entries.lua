-- What others took of a session, or of a grant that has none, in a field of the hash of sessions. That of a grant goes
-- with its row, whose column "aliased" says that there may be one.
--
--   L<session or grant id>   how many of its entries were told (3 digits); whether there were more (0; 1; 2: and that
--                            was told); which renewal told it; entries, a line feed behind each: an id, and the row as
--                            it stood with the range that was lost, without a deadline. At most 100 that were not told
--                            yet, and 200 in all. A row with another letter than 0 in the column "provisional" is a
--                            notice: b that the lock will be broken (two more fields say when, and why), c that it will
--                            not, u that it was broken and stands again.
-- @include text (format, sub)
-- @column told_entries 1 3
-- @column whether_more 4 4
-- @column told_by 5 28
-- @column loss_entries 29
local LOSSES, MOST_LOSSES = KEYS.sessions, 100

local function count_entries(entries)
  local _, count = string.gsub(entries, '\n', '')
  return count
end

local function loss_field(told, more, by, entries)
  return format('%03d', told) .. more .. format('%24s', by) .. entries
end

-- What a renewal tells of a session or grant, and before it whether there was more. What another one told is known now;
-- one that was not done is begun again under the same name. Behind keep_clock().
local function tell_losses(holder, by)
  local field = call('HGET', LOSSES, 'L' .. holder)
  if not field then return '0', '' end
  local more, entries = whether_more_of(field), loss_entries_of(field)
  if told_by_of(field) ~= format('%24s', by) then
    for _ = 1, tonumber(told_entries_of(field)) do entries = string.gsub(entries, '^[^\n]*\n', '', 1) end
    if more == '2' then more = '0' end
  end
  if more ~= '0' then more = '2' end
  if entries == '' then
    call('HDEL', LOSSES, 'L' .. holder)
  else
    call('HSET', LOSSES, 'L' .. holder, loss_field(count_entries(entries), more, by, entries))
  end
  return more == '0' and '0' or '1', entries
end
