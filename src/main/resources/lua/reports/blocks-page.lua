-- The next blocks of a report as it stood at a revision, whatever has changed since.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- Began is the store time at which the read began, ms; behind the lo to go on behind, or empty.
-- @argv version revision began behind how_many
-- Behind is empty at the end; the blocks are <lo> <hi> each, all in one string.
-- @answer page time behind blocks
-- The read took too long:
-- @answer over time
-- @answer mark time found | epoch time found
-- @include clock (now, now_text, begin_reading)
-- @include report_rows (block_lo_of, block_of, block_born_of, past_lo_of, before_past_born, past_hi_of, past_died_of)
-- @include report (BLOCKS, PAST, BLOCKS_AT_ONCE, READ_MS)
local stale = begin_reading()
if stale then return stale end
if now - tonumber(ARGV.began) > READ_MS then return { 'over', now_text } end

local version, revision, limit = ARGV.version, ARGV.revision, tonumber(ARGV.how_many)
local lower = ARGV.behind == '' and '[' .. version or '(' .. version .. ARGV.behind .. 'g'
local upper = '(' .. version .. 'g'
local members = call('ZRANGEBYLEX', BLOCKS, lower, upper, 'LIMIT', '0', limit)
local last = #members == limit and block_lo_of(members[limit]) or nil

-- Of the past blocks with one lo, the one born last by then is the one that stood, if it had not died yet.
local blocks, steps, next_past = {}, 0, lower
while true do
  local first = call('ZRANGEBYLEX', PAST, next_past, upper, 'LIMIT', '0', '1')[1]
  local place = first and before_past_born(first)
  if not first or (last and past_lo_of(first) > last) then break end
  local stood = call('ZREVRANGEBYLEX', PAST, '(' .. place .. revision .. 'g', '[' .. place, 'LIMIT', '0', '1')[1]
  if stood and past_died_of(stood) > revision then blocks[#blocks + 1] = past_lo_of(stood) .. past_hi_of(stood) end
  next_past = '(' .. place .. 'g'
  steps = steps + 1
  if steps >= BLOCKS_AT_ONCE then
    last = past_lo_of(first)
    break
  end
end

local any_past = #blocks > 0
for i = 1, #members do
  local member = members[i]
  if last and block_lo_of(member) > last then break end
  if block_born_of(member) <= revision then blocks[#blocks + 1] = block_of(member) end
end
if any_past then table.sort(blocks) end
return { 'page', now_text, last or '', table.concat(blocks) }
