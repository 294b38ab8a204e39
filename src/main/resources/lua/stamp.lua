-- Compares the store, and buckets, with the mark of a gateway, and stamps what has none or an older one. It checks everything before
-- its first write, so what it stamps it stamps in one step.
-- KEYS: the store, if ARGV[1] is 1, then meta and rows of each bucket
-- ARGV: 1 whether the first key is the store's, 2 look|stamp, 3 epoch, 4 format, 5 number of buckets, 6 rule between the protocols,
--       7 whether that may take the place of another while no lock is held (0|1), 8 the rule that the store had, or ''
-- Answers: ours <number of buckets in the store, or ''> <its rule, or ''>, or other format|epoch|buckets|rule|held <value found>
local match = string.match
local HAS_STORE, STAMPS, EPOCH, FORMAT, BUCKETS, RULE = ARGV[1] == '1', ARGV[2] == 'stamp', ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local MAY_CHANGE, RULE_BEFORE = ARGV[7] == '1', ARGV[8]
local MARK = FORMAT .. '/' .. BUCKETS .. '/' .. RULE

local store = { false, false }
if HAS_STORE then
  store = call('HMGET', KEYS[1], 'buckets', 'cross-protocol')
  if store[1] and store[1] ~= BUCKETS then return { 'other', 'buckets', store[1] } end
  if store[2] and store[2] ~= RULE and not MAY_CHANGE then return { 'other', 'rule', store[2] } end
end

local stale = {}
for i = HAS_STORE and 2 or 1, #KEYS, 2 do
  local meta = call('HMGET', KEYS[i], 'mark', 'epoch', 'rule')
  local mark, epoch = meta[1], meta[2] or '0'
  -- A bucket under repair stays so (repair.lua); what is raised is the epoch that it returns to.
  local repair, held = match(epoch, '^(repair:[^:]*:)(.*)$')
  if repair then epoch = held end
  -- Gateways of format 1 left no mark, but the rule by which the bucket's locks were taken.
  local format, buckets, rule = '1', BUCKETS, meta[3] or RULE_BEFORE
  if mark then format, buckets, rule = match(mark, '^(%d+)/(%d+)/(%a+)$') end
  if not format or tonumber(format) > tonumber(FORMAT) then return { 'other', 'format', mark } end
  if tonumber(epoch) > tonumber(EPOCH) then return { 'other', 'epoch', epoch } end
  if buckets ~= BUCKETS then return { 'other', 'buckets', buckets } end
  if rule ~= RULE and rule ~= '' and call('HLEN', KEYS[i + 1]) > 0 then return { 'other', 'held', rule } end
  if mark ~= MARK or epoch ~= EPOCH then stale[#stale + 1] = { KEYS[i], (repair or '') .. EPOCH } end
end

if STAMPS then
  if HAS_STORE and (store[1] ~= BUCKETS or store[2] ~= RULE) then
    call('HSET', KEYS[1], 'buckets', BUCKETS, 'cross-protocol', RULE)
  end
  for _, bucket in ipairs(stale) do
    local key, epoch = bucket[1], bucket[2]
    call('HSET', key, 'mark', MARK, 'epoch', epoch)
    call('HDEL', key, 'rule')
  end
end
return { 'ours', store[1] or '', store[2] or '' }
