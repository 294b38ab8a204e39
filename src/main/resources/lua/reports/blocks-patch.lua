-- Takes ranges out of a report, then adds ranges. A report that is not there counts as empty.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- How many of the ranges to take out; ranges: <lo> <hi>.
-- @argv removes ranges...
-- @column given_lo 1 16
-- @column given_hi 17 32
-- Created is 1 when there was no report, else 0.
-- @answer done time revision created
-- More changes than a script may make; more blocks than a report may have:
-- @answer large time | full time
-- The report is not as the condition wants it:
-- @answer mismatch time
-- Too much is still to delete; the file has as many reports as it may have:
-- @answer busy time | crowded time
-- @answer late time | mark time found | epoch time found
-- @include text (format, sub)
-- @include clock (REQUEST, now, now_text, begin)
-- @include intervals (widened, within, remainder)
-- @include report_rows (version_of, revision_of, block_lo_of, block_hi_of, before_block_hi, block_of, block_born_of)
-- @include report (BLOCKS, PAST, BLOCKS_AT_ONCE, MAX_BLOCKS, row, open_report, count_blocks, refused, next_revision,
--   publish, published, outlives_readers)
-- @include send (send)
local answer = begin()
if answer then return answer end
open_report()
answer = refused()
if answer then return answer end

local version = row and version_of(row) or REQUEST
-- What changes: stored members that go, and blocks that come.
local gone, gone_count, come, too_many = {}, 0, {}, false

local function add_block(lo, hi)
  come[#come + 1] = { lo = lo, hi = hi }
end

local function take_out(block)
  if block.member then
    gone[block.member] = true
    gone_count = gone_count + 1
  else
    block.gone = true
  end
end

-- Blocks, as the changes so far leave them, that overlap or touch [lo,hi].
local function blocks_near(lo, hi)
  local found, below, above = {}, widened(lo, hi)
  local members = within(BLOCKS, version, below, above, BLOCKS_AT_ONCE)
  too_many = too_many or #members > BLOCKS_AT_ONCE
  for i = 1, #members do
    local member = members[i]
    if not gone[member] then
      found[#found + 1] = { lo = block_lo_of(member), hi = block_hi_of(member), member = member }
    end
  end
  for i = 1, #come do
    local block = come[i]
    if not block.gone and block.lo <= above and block.hi >= below then found[#found + 1] = block end
  end
  return found
end

local function remove(lo, hi)
  for _, block in ipairs(blocks_near(lo, hi)) do
    if block.lo <= hi and block.hi >= lo then
      take_out(block)
      local left, right = remainder(block.lo, block.hi, lo, hi)
      if left then add_block(block.lo, left) end
      if right then add_block(right, block.hi) end
    end
  end
end

local function add(lo, hi)
  local found = blocks_near(lo, hi)
  if #found == 1 and found[1].lo <= lo and found[1].hi >= hi then return end
  for _, block in ipairs(found) do
    take_out(block)
    if block.lo < lo then lo = block.lo end
    if block.hi > hi then hi = block.hi end
  end
  add_block(lo, hi)
end

local last_removed = PLACE.ranges + tonumber(ARGV.removes) - 1
for i = PLACE.ranges, #ARGV do
  local change = i <= last_removed and remove or add
  change(given_lo_of(ARGV[i]), given_hi_of(ARGV[i]))
  if too_many or gone_count + #come > BLOCKS_AT_ONCE then return { 'large', now_text } end
end

-- A block that went and came back was never away.
local new = {}
for i = 1, #come do
  if not come[i].gone then new[come[i].lo .. come[i].hi] = true end
end
local added, dropped, kept = {}, {}, {}
for member in pairs(gone) do
  local block = block_of(member)
  if new[block] then new[block] = nil else dropped[#dropped + 1] = member end
end
for block in pairs(new) do added[#added + 1] = block end
if row and #added == 0 and #dropped == 0 then return { 'done', now_text, revision_of(row), '0' } end
if #added > #dropped and count_blocks(version) + #added - #dropped > MAX_BLOCKS then return { 'full', now_text } end

local revision = next_revision()
for i = 1, #dropped do
  local member = dropped[i]
  kept[2 * i - 1] = '0'
  kept[2 * i] = before_block_hi(member) .. block_born_of(member) .. block_hi_of(member) .. revision
    .. format('%013d', now)
end
local members = {}
for i = 1, #added do
  members[2 * i - 1] = '0'
  members[2 * i] = version .. added[i] .. revision
end
if #dropped > 0 then outlives_readers('p', version) end
send('ZADD', PAST, kept)
send('ZADD', BLOCKS, members)
publish(version, revision)
send('ZREM', BLOCKS, dropped)
return published(revision)
