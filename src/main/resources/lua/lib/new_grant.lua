-- The kept result of a request that was granted a new row and changed nothing else: g <time> <id> <row>. Any other is
-- packed (finish() in clock.lua), which costs as much as writing the row; and this row tells undo.lua all.
-- @include text (sub)
-- @include clock (RESULT, RESULT_KEPT_MS, now_text)
-- @column kept_kind 1 1
-- @column kept_time 2 14
-- @column kept_id 15 30
-- @column kept_row 31
local function is_new_grant(kept)
  return kept_kind_of(kept) == 'g'
end

-- The answer of a request that was here before; nil when its result is of another form.
local function reply_of_new_grant(kept)
  if is_new_grant(kept) then return { 'granted', kept_time_of(kept), kept_id_of(kept), kept_row_of(kept) } end
end

-- Keeps the answer under the request id. The last write, as finish().
local function finish_new_grant(id, row)
  call('SET', RESULT, 'g' .. now_text .. id .. row, 'PX', RESULT_KEPT_MS)
  return { 'granted', now_text, id, row }
end
