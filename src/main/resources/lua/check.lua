-- Whether the grant of a token, or an heir of it, covers a range now. It writes the clock on purpose: a master that was cut
-- off from its replicas (min-replicas-to-write) must refuse to vouch for anybody.
-- KEYS: meta, result, rows, list, expiry, names
-- ARGV: 1-3 see clock, 4 token, 5 space, 6 lo, 7 hi
-- @include clock
-- @include rows
local stale = begin_reading()
if stale then return stale end
keep_clock()

local token, space, lo, hi = ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local function covers(id)
  local row = call('HGET', ROWS, id)
  if not row or not is_live(row) or sub(row, 36, 36) ~= 'r' or sub(row, 1, 16) > lo or sub(row, 17, 32) < hi then return end
  local _, _, _, _, its_space = fields_of(row)
  return its_space == space and { 'valid', now_text, id, row }
end

local answer = covers(token)
if answer then return answer end
local members = call('ZRANGEBYLEX', NAMES, '[Nt' .. token, '(Nt' .. token .. 'g')
for i = 1, #members do
  answer = covers(sub(members[i], -16))
  if answer then return answer end
end
return { 'invalid', now_text }
