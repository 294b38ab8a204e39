-- Compares the store, and buckets, with the mark of a gateway, and stamps those that have none or an older one. It
-- checks everything before its first write, so the buckets that it stamps are stamped in one step.
-- The store's key, if has_store is 1, then meta and rows of each bucket.
-- @keys stores...
-- The step is look or stamp. The rule is that between the protocols; may_change says whether it may take the place of
-- another while no lock is held (0 or 1); rule_before is the one that the store had, or empty.
-- @argv has_store step epoch format buckets rule may_change rule_before
-- The number of buckets of the store and its rule, or empty. Else what is other (format, epoch, buckets, rule, held),
-- and its value.
-- @answer ours buckets rule
-- @answer other what found
local match = string.match
local HAS_STORE, STAMPS, EPOCH, FORMAT, BUCKETS, RULE =
  ARGV.has_store == '1', ARGV.step == 'stamp', ARGV.epoch, ARGV.format, ARGV.buckets, ARGV.rule
local MAY_CHANGE, RULE_BEFORE = ARGV.may_change == '1', ARGV.rule_before
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
  -- Gateways of format 1 left no mark, but the rule by which the bucket's locks were acquired.
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
