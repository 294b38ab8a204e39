-- What others took of a session is kept by the script that takes it, and told by the next renewal (session-copy).
-- @include clock (keep_clock)
-- @include rows (lo_of, hi_of, lifetime_of, session_of)
-- @include copies (SESSIONS)
-- @include loss_entries (told_entries_of, whether_more_of, loss_entries_of, count_entries, loss_field)
-- @include plan (with_range)
-- @include send (send)
local MOST_LOSSES = 100
local losses, any_loss = {}, false -- by session: entries

-- Of a row that goes, or that loses [lo,hi].
local function note_loss(id, row, lo, hi)
  if lifetime_of(row) ~= 's' then return end
  local session = session_of(row)
  if lo_of(row) > lo then lo = lo_of(row) end
  if hi_of(row) < hi then hi = hi_of(row) end
  local its = losses[session] or {}
  its[#its + 1] = id .. with_range(row, lo, hi) .. '\n'
  losses[session], any_loss = its, true
end

-- Writes what was noted: before the rows change, so that a script that dies half way says too much.
local function keep_losses()
  if not any_loss then return end
  keep_clock()
  local fields = {}
  for session, its in pairs(losses) do
    local field = call('HGET', SESSIONS, 'L' .. session) or loss_field(0, '0', '')
    local entries = loss_entries_of(field)
    local room = MOST_LOSSES - count_entries(entries)
    for i = 1, math.min(room, #its) do entries = entries .. its[i] end
    local more = #its > room and '1' or whether_more_of(field)
    fields[#fields + 1] = 'L' .. session
    fields[#fields + 1] = loss_field(tonumber(told_entries_of(field)), more, entries)
  end
  send('HSET', SESSIONS, fields)
end
