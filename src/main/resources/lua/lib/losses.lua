-- What others took: noted by the script that takes it, kept by its commit, told by the next renewal (loss_entries.lua).
-- @include rows (lo_of, hi_of, lifetime_of, before_aliased, aliased_of, after_aliased,
--   before_provisional, after_provisional, before_deadline, after_deadline,
--   NO_DEADLINE, session_of)
-- @include loss_entries (told_entries_of, whether_more_of, told_by_of, loss_entries_of, count_entries, loss_field,
--   LOSSES, MOST_LOSSES)
-- @include plan (after, losses, more_losses, with_range, change, add_losses)
-- @include send (send)
-- Of a row that goes, or that loses [lo,hi]. A session is told all; a grant that is wholly lost has nobody to tell, and
-- one that stands says that there is something to tell.
local function note_loss(id, row, lo, hi)
  local holder, left = id, after[id]
  if lifetime_of(row) == 's' then
    holder = session_of(row)
  elseif left then
    change(id, row, before_aliased(left) .. '1' .. after_aliased(left))
  else
    return
  end
  if lo_of(row) > lo then lo = lo_of(row) end
  if hi_of(row) < hi then hi = hi_of(row) end
  local lost = with_range(before_provisional(row) .. '0' .. after_provisional(row), lo, hi)
  add_losses(holder, id .. before_deadline(lost) .. NO_DEADLINE .. after_deadline(lost) .. '\n', false)
end

-- A notice about a row: of a kind, with more fields or none. The row stands as the plan has it.
local function note_notice(kind, id, more)
  local row, holder = after[id], id
  if lifetime_of(row) == 's' then
    holder = session_of(row)
  else
    row = before_aliased(row) .. '1' .. after_aliased(row)
    change(id, row, row)
  end
  local text = before_provisional(row) .. kind .. after_provisional(row)
  add_losses(holder, id .. before_deadline(text) .. NO_DEADLINE .. after_deadline(text) .. more .. '\n', false)
end

-- A grant that absorbs another tells what that one has lost.
local function inherit_losses(successor, id, row)
  local field = aliased_of(row) == '1' and call('HGET', LOSSES, 'L' .. id)
  if field then add_losses(successor, loss_entries_of(field), whether_more_of(field) ~= '0') end
end

-- Writes what was noted: before the rows change, so that a script that dies half way says too much.
local function keep_losses()
  local fields = {}
  for holder, its in pairs(losses) do
    local field = call('HGET', LOSSES, 'L' .. holder) or loss_field(0, '0', '', '')
    local entries, told = loss_entries_of(field), tonumber(told_entries_of(field))
    -- Those that were told go with the next renewal, unless heartbeats fail: then twice as many are kept at most.
    local count = count_entries(entries)
    local room = MOST_LOSSES - math.max(count - told, count - MOST_LOSSES)
    its = table.concat(its)
    local more = (count_entries(its) > room or more_losses[holder]) and '1' or whether_more_of(field)
    for entry in string.gmatch(its, '[^\n]*\n') do
      if room > 0 then entries, room = entries .. entry, room - 1 end
    end
    fields[#fields + 1] = 'L' .. holder
    fields[#fields + 1] = loss_field(told, more, told_by_of(field), entries)
  end
  send('HSET', LOSSES, fields)
end
