-- Whether the grant of a token, or its successor, covers a range now. It writes the clock on purpose: a primary that
-- was cut off from its replicas (min-replicas-to-write) must refuse to vouch for anybody.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @argv request deadline mark token space lo hi
-- @answer valid time id row
-- @answer invalid time
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading, keep_clock)
-- @include rows (lo_of, hi_of, shape_of, id_of, ROWS, ALIASES, is_live, told, fields_of)
local stale = begin_reading()
if stale then return stale end
keep_clock()

local token, space, lo, hi = ARGV.token, ARGV.space, ARGV.lo, ARGV.hi
-- An open is of the whole stream.
local function is_of_range(row)
  return shape_of(row) == 'o' or shape_of(row) == 'r' and lo_of(row) <= lo and hi_of(row) >= hi
end

local function covers(id)
  local row = call('HGET', ROWS, id)
  if not row or not is_live(row) or not is_of_range(row) then return end
  local _, _, _, _, its_space = fields_of(row)
  return its_space == space and { 'valid', now_text, id, told(row) }
end

-- A lock that was broken and restored has its id still, but not the token that is the same number.
if call('HGET', KEYS.breaks, 'R' .. token) then return { 'invalid', now_text } end
local answer = covers(token)
if answer then return answer end
local members = call('ZRANGEBYLEX', ALIASES, '[Nt' .. token, '(Nt' .. token .. 'g')
for i = 1, #members do
  answer = covers(id_of(members[i]))
  if answer then return answer end
end
return { 'invalid', now_text }
