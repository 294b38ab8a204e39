-- Takes ranges out of a report, then brings ranges in. A report that is not there counts as empty.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report, 11 how many ranges to take out, 12- ranges: <lo> <hi>
-- @include clock
-- @include hex
-- @include arithmetic
-- @include intervals
-- @include report
-- @include send
local answer = begin() or refused(true)
if answer then return answer end

local version = row and sub(row, 1, 24) or RID
-- What changes: stored members that go, and blocks that come.
local gone, gone_count, come, too_many = {}, 0, {}, false

local function bring(lo, hi)
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
local function near(lo, hi)
  local found, below, above = {}, widened(lo, hi)
  local members = touching(BLOCKS, version, lo, hi, MAX_STEPS + 1)
  too_many = too_many or #members > MAX_STEPS
  for i = 1, #members do
    local member = members[i]
    if not gone[member] then
      found[#found + 1] = { lo = sub(member, 25, 40), hi = sub(member, 41, 56), member = member }
    end
  end
  for i = 1, #come do
    local block = come[i]
    if not block.gone and block.lo <= above and block.hi >= below then found[#found + 1] = block end
  end
  return found
end

local function remove(lo, hi)
  for _, block in ipairs(near(lo, hi)) do
    if block.lo <= hi and block.hi >= lo then
      take_out(block)
      local left, right = rest(block.lo, block.hi, lo, hi)
      if left then bring(block.lo, left) end
      if right then bring(right, block.hi) end
    end
  end
end

local function add(lo, hi)
  local found = near(lo, hi)
  if #found == 1 and found[1].lo <= lo and found[1].hi >= hi then return end
  for _, block in ipairs(found) do
    take_out(block)
    if block.lo < lo then lo = block.lo end
    if block.hi > hi then hi = block.hi end
  end
  bring(lo, hi)
end

local removes = 11 + tonumber(ARGV[11])
for i = 12, #ARGV do
  local change = i <= removes and remove or add
  change(sub(ARGV[i], 1, 16), sub(ARGV[i], 17, 32))
  if too_many or gone_count + #come > MAX_STEPS then return { 'large', now_text } end
end

-- A block that went and came back was never away.
local new = {}
for i = 1, #come do
  if not come[i].gone then new[come[i].lo .. come[i].hi] = true end
end
local added, dropped, kept = {}, {}, {}
for member in pairs(gone) do
  local block = sub(member, 25, 56)
  if new[block] then new[block] = nil else dropped[#dropped + 1] = member end
end
for block in pairs(new) do added[#added + 1] = block end
if row and #added == 0 and #dropped == 0 then return { 'done', now_text, sub(row, 25), '0' } end
if #added > #dropped and how_many(version) + #added - #dropped > MAX_BLOCKS then return { 'full', now_text } end

local revision = next_revision()
for i = 1, #dropped do
  local member = dropped[i]
  kept[2 * i - 1] = '0'
  kept[2 * i] = sub(member, 1, 40) .. sub(member, 57) .. sub(member, 41, 56) .. revision .. format('%013d', now)
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
