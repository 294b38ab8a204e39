-- How many grants a principal has in the bucket.
-- @include text (sub)
-- @include clock (newest)
-- @include rows (TAIL, principal_of)
-- @include list_names (newest_rows, gone_rows)
-- @column counted_closed 1 8
-- @column counted_ids 9

-- How many rows of a principal the bucket has, expired ones included. When they are surely fewer than enough, the
-- answer may be too high, but is fewer than enough.
local function rows_of(principal, enough)
  local count, lists = 0, {}
  for i, protocol in ipairs({ 'n', '4', 's', 'o' }) do lists[i] = 'p' .. protocol .. principal .. '\t' end
  local tails = call('HMGET', KEYS.chunks, unpack(lists))
  for i = 1, #lists do
    if tails[i] then count = count + tonumber(counted_closed_of(tails[i])) + #counted_ids_of(tails[i]) / 16 end
    -- Of format 2.
    count = count + call('ZLEXCOUNT', KEYS.list, '[' .. lists[i], '(' .. lists[i] .. 'g')
  end
  if count + #newest / 16 < enough then return count + #newest / 16 end
  local _, rows = newest_rows()
  for i = 1, #rows do
    if rows[i] and principal_of(rows[i], TAIL) == principal then count = count + 1 end
  end
  local _, ended = gone_rows()
  for i = 1, #ended do
    if ended[i] and principal_of(ended[i], TAIL) == principal then count = count - 1 end
  end
  return count
end
