-- Begins the lease of a grant anew.
-- KEYS: meta, result, rows, list, expiry, names
-- ARGV: 1-3 see clock, 4 id, 5 principal, 6 lease in ms, 7 protocol n|4|s
-- @include clock
-- @include rows
-- @include find
local answer = begin()
if answer then return answer end

local id, row = find(ARGV[4])
if not row then
  -- Ids and tokens are (epoch << 40) | counter, and the counter goes on where the epoch is raised: no other was ever given to
  -- anyone. (One of an epoch before with a number of this one passes for given.)
  local epoch, number = tonumber(sub(ARGV[4], 1, 6), 16), tonumber(sub(ARGV[4], 7), 16)
  local given = epoch >= 1 and epoch <= EPOCH and number >= 1 and number <= counter
  return { given and 'lost' or 'unknown', now_text }
end
local _, principal = fields_of(row)
if principal ~= ARGV[5] or sub(row, 34, 34) ~= ARGV[7] then return { 'unknown', now_text } end
if sub(row, 35, 35) ~= 'l' then return { 'unleased', now_text } end
local deadline = format('%013d', now + tonumber(ARGV[6]))
row = sub(row, 1, 58) .. deadline .. RID .. sub(row, 96)
keep_clock()
call('ZADD', EXPIRY, deadline, id)
call('HSET', ROWS, id, row)
return finish({ 'renewed', now_text, id, row })
