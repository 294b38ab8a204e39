-- The next blocks of a report as it stood at a revision, whatever has changed since.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report, 11 version, 12 revision, 13 ms of store time when the read began,
--             14 lo to go on behind, or '', 15 how many
-- Answers the lo to go on behind ('' at the end) and <lo> <hi> of each block, all in one string.
-- @include clock
-- @include hex
-- @include report
local stale = begin_reading()
if stale then return stale end
if now - tonumber(ARGV[13]) > READ_MS then return { 'over', now_text } end

local version, revision, limit = ARGV[11], ARGV[12], tonumber(ARGV[15])
local lower = ARGV[14] == '' and '[' .. version or '(' .. version .. ARGV[14] .. 'g'
local upper = '(' .. version .. 'g'
local members = call('ZRANGEBYLEX', BLOCKS, lower, upper, 'LIMIT', '0', limit)
local last = #members == limit and sub(members[limit], 25, 40) or nil

-- Of the past blocks with one lo, the one born last by then is the one that stood, if it had not died yet.
local blocks, steps, next_past = {}, 0, lower
while true do
  local first = call('ZRANGEBYLEX', PAST, next_past, upper, 'LIMIT', '0', '1')[1]
  local place = first and sub(first, 1, 40)
  if not first or (last and sub(first, 25, 40) > last) then break end
  local stood = call('ZREVRANGEBYLEX', PAST, '(' .. place .. revision .. 'g', '[' .. place, 'LIMIT', '0', '1')[1]
  if stood and sub(stood, 73, 88) > revision then blocks[#blocks + 1] = sub(stood, 25, 40) .. sub(stood, 57, 72) end
  next_past = '(' .. place .. 'g'
  steps = steps + 1
  if steps >= MAX_STEPS then
    last = sub(first, 25, 40)
    break
  end
end

local any_past = #blocks > 0
for i = 1, #members do
  local member = members[i]
  if last and sub(member, 25, 40) > last then break end
  if sub(member, 57) <= revision then blocks[#blocks + 1] = sub(member, 25, 56) end
end
if any_past then table.sort(blocks) end
return { 'page', now_text, last or '', table.concat(blocks) }
