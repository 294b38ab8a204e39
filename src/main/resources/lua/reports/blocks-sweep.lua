-- Deletes one leftover, as far as one script may.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- Kind v or p and version, as in the leftover; the past block to go on behind, or empty.
-- @argv kind version behind
-- How many rows went; behind is empty at the end.
-- @answer swept time rows behind
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include report_rows (version_of, past_ms_of)
-- @include report (BLOCKS, PAST, LEFTOVERS, BLOCKS_AT_ONCE, READ_MS, row, open_report, leftover)
-- @include send (send)
local answer = begin()
if answer then return answer end

open_report()
local kind, version = ARGV.kind, ARGV.version
local function first_of(key)
  return call('ZRANGEBYLEX', key, '[' .. version, '(' .. version .. 'g', 'LIMIT', '0', BLOCKS_AT_ONCE)
end
-- Another gateway may have been faster.
local due = call('ZSCORE', LEFTOVERS, leftover(kind, version))
if not due or tonumber(due) > now then return { 'swept', now_text, '0', '' } end
keep_clock()
if kind == 'v' and row and version_of(row) == version then
  call('ZREM', LEFTOVERS, leftover(kind, version))
  return finish({ 'swept', now_text, '0', '' })
end

if kind == 'v' then
  local blocks = first_of(BLOCKS)
  local past = #blocks < BLOCKS_AT_ONCE and first_of(PAST) or {}
  send('ZREM', BLOCKS, blocks)
  send('ZREM', PAST, past)
  local count = #blocks + #past
  if #blocks < BLOCKS_AT_ONCE and #past < BLOCKS_AT_ONCE then
    call('ZREM', LEFTOVERS, leftover('p', version))
    call('ZREM', LEFTOVERS, leftover('v', version))
    return finish({ 'swept', now_text, tostring(count), '' })
  end
  return finish({ 'swept', now_text, tostring(count), 'more' })
end

local lower = ARGV.behind == '' and '[' .. version or '(' .. ARGV.behind
local members = call('ZRANGEBYLEX', PAST, lower, '(' .. version .. 'g', 'LIMIT', '0', BLOCKS_AT_ONCE)
local over, horizon = {}, now - READ_MS
for i = 1, #members do
  if tonumber(past_ms_of(members[i])) < horizon then over[#over + 1] = members[i] end
end
send('ZREM', PAST, over)
if #members == BLOCKS_AT_ONCE then return finish({ 'swept', now_text, tostring(#over), members[BLOCKS_AT_ONCE] }) end
if #first_of(PAST) == 0 then
  call('ZREM', LEFTOVERS, leftover('p', version))
else
  call('ZADD', LEFTOVERS, format('%d', now + READ_MS + 1), leftover('p', version))
end
return finish({ 'swept', now_text, tostring(#over), '' })
