-- Restores what a break has ended, with new tokens, if nobody has had the bytes since. All or nothing.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- @keys break_due
-- @argv request deadline mark batch_size ranges_limit aliases_limit cross_protocol id
-- @answer restored time id row
-- Nothing of that id was broken, or too long ago; somebody waited for it then; its own time is over.
-- @answer none time | waited time | expired time
-- Others are in the way, or its owner has some of the bytes again: the lock that cannot be restored, and these.
-- @answer refused time whether_more id row (id row)...
-- Expired grants lay in the way and are deleted now: ask again.
-- @answer again time
-- @answer late time | mark time found | epoch time found
-- @include text (format, sub, match)
-- @include clock (now, now_text, lease_now, begin, next_number, keep_clock, finish)
-- @include rows (lo_of, hi_of, before_aliased, after_aliased, before_provisional, after_provisional, before_token,
--   after_token, ROWS, is_in_time, told)
-- @column undo_until 1 13
-- @column undo_waited 14 14
-- @column undo_tail 15
-- @column ended_id 1 16
-- @column ended_row 17
local answer = begin()
if answer then return answer end
local REFUSED_FOR_MS = 86400000

-- Inside a function, because one function of Lua has 200 local variables at most.
local function undo()
  -- @include plan (after, is_smb, owner_of, create)
  -- @include conflicts (refusal)
  -- @include ranges (own_rows)
  -- @include aliases (add_alias)
  -- @include losses (note_notice)
  -- @include queue (request_of_row, in_the_way, commit_and_serve, purge_and_retry)
  -- The ranges of a handle have ended with its last open: whether one that it had stands, or is restored as well.
  local function has_its_open(open, restored)
    local row = open ~= '' and not restored[open] and call('HGET', ROWS, open)
    return open == '' or restored[open] or row and is_in_time(row)
  end

  local broken = call('HGET', KEYS.breaks, 'U' .. ARGV.id)
  if not broken or undo_until_of(broken) <= lease_now then return { 'none', now_text } end
  local rows, restored = {}, {}
  for line in string.gmatch(match(undo_tail_of(broken), '^[^\t]*\t(.*)$'), '([^\n]+)\n') do
    local row, open = match(ended_row_of(line), '^(.*)\t([^\t]*)$')
    rows[#rows + 1] = { ended_id_of(line), row, open }
    restored[ended_id_of(line)] = true
  end
  for i = 1, #rows do
    if not is_in_time(rows[i][2]) or not has_its_open(rows[i][3], restored) then return { 'expired', now_text } end
  end
  if undo_waited_of(broken) == 'w' then return { 'waited', now_text } end
  for i = 1, #rows do
    local row = rows[i][2]
    local found, more = in_the_way(request_of_row(row, 0))
    if not found then return purge_and_retry() end
    local own = is_smb(row) and {} or own_rows(owner_of(row), lo_of(row), hi_of(row))
    for k = 1, #own do found[#found + 1] = { '', own[k][1], own[k][2] } end
    if #found > 0 then
      answer = refusal(found, more)
      table.insert(answer, 4, rows[i][1])
      table.insert(answer, 5, row)
      return answer
    end
  end
  for i = 1, #rows do
    local id, row = rows[i][1], rows[i][2]
    local token = next_number()
    row = before_aliased(row) .. '1' .. after_aliased(row)
    row = before_provisional(row) .. '0' .. after_provisional(row)
    create(id, before_token(row) .. token .. after_token(row))
    add_alias('t' .. token, id)
    note_notice('u', id, '')
  end
  -- The grant that was named, or what it had led to.
  local id = after[ARGV.id] and ARGV.id or rows[1][1]
  local reply = { 'restored', now_text, id, told(after[id]) }
  -- Before the rows: what was broken is refused throughout.
  keep_clock()
  local till = format('%d', now + REFUSED_FOR_MS)
  for i = 1, #rows do
    call('ZADD', KEYS.break_due, till, 'R' .. rows[i][1])
    call('HSET', KEYS.breaks, 'R' .. rows[i][1], '1')
  end
  commit_and_serve()
  call('HDEL', KEYS.breaks, 'U' .. ARGV.id)
  call('ZREM', KEYS.break_due, 'U' .. ARGV.id)
  return finish(reply)
end

return undo()
