-- Tidies up one leftover, as far as one script may.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report, 11 kind v|p, 12 version, 13 past member to go on behind, or ''
-- Answers how many rows went, and the member to go on behind ('' at the end).
-- @include clock
-- @include hex
-- @include report
-- @include send
local answer = begin()
if answer then return answer end

local kind, version = ARGV[11], ARGV[12]
local function first_of(key)
  return call('ZRANGEBYLEX', key, '[' .. version, '(' .. version .. 'g', 'LIMIT', '0', MAX_STEPS)
end
-- Another gateway may have been faster.
local due = call('ZSCORE', LEFTOVERS, leftover(kind, version))
if not due or tonumber(due) > now then return { 'swept', now_text, '0', '' } end
keep_clock()
if kind == 'v' and row and sub(row, 1, 24) == version then
  call('ZREM', LEFTOVERS, leftover(kind, version))
  return finish({ 'swept', now_text, '0', '' })
end

if kind == 'v' then
  local blocks = first_of(BLOCKS)
  local past = #blocks < MAX_STEPS and first_of(PAST) or {}
  send('ZREM', BLOCKS, blocks)
  send('ZREM', PAST, past)
  local count = #blocks + #past
  if #blocks < MAX_STEPS and #past < MAX_STEPS then
    call('ZREM', LEFTOVERS, leftover('p', version))
    call('ZREM', LEFTOVERS, leftover('v', version))
    return finish({ 'swept', now_text, tostring(count), '' })
  end
  return finish({ 'swept', now_text, tostring(count), 'more' })
end

local lower = ARGV[13] == '' and '[' .. version or '(' .. ARGV[13]
local members = call('ZRANGEBYLEX', PAST, lower, '(' .. version .. 'g', 'LIMIT', '0', MAX_STEPS)
local over, horizon = {}, now - READ_MS
for i = 1, #members do
  if tonumber(sub(members[i], -13)) < horizon then over[#over + 1] = members[i] end
end
send('ZREM', PAST, over)
if #members == MAX_STEPS then return finish({ 'swept', now_text, tostring(#over), members[MAX_STEPS] }) end
if #first_of(PAST) == 0 then
  call('ZREM', LEFTOVERS, leftover('p', version))
else
  call('ZADD', LEFTOVERS, format('%d', now + READ_MS + 1), leftover('p', version))
end
return finish({ 'swept', now_text, tostring(#over), '' })
