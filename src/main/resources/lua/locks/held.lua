-- Counts the live ranges of an SMB handle in one space, as many as one script looks at.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks
-- @keys posix_index posix_levels posix_nodes smb_index smb_levels smb_nodes
-- @keys waiters queue waiting_due events
-- Entries is how many to look at; behind is the entry to go on behind, or empty.
-- @argv request deadline mark owner entries behind
-- End is 'end' or empty.
-- @answer counted time end behind ranges
-- @answer mark time found | epoch time found
-- @include text (format, sub)
-- @include clock (now_text, begin_reading)
-- @include rows (id_of, ROWS, is_live)
-- @column entry_kind 1 1
local stale = begin_reading()
if stale then return stale end
local owner, entries, behind, ranges = ARGV.owner, tonumber(ARGV.entries), ARGV.behind, 0

-- Zero-length ones have entries of their own (index.lua).
for _, kind in ipairs({ 'O', 'Q' }) do
  local last = entry_kind_of(behind)
  if entries > 0 and not (kind == 'O' and last == 'Q') then
    local prefix = kind .. owner
    local from = last == kind and '(' .. behind or '[' .. prefix
    local members = call('ZRANGEBYLEX', KEYS.smb_index, from, '(' .. prefix .. 'g', 'LIMIT', '0', entries)
    local ids = {}
    for i = 1, #members do ids[i] = id_of(members[i]) end
    local rows = #ids > 0 and call('HMGET', ROWS, unpack(ids)) or {}
    for i = 1, #ids do
      if rows[i] and is_live(rows[i]) then ranges = ranges + 1 end
    end
    entries, behind = entries - #ids, members[#members] or behind
  end
end
return { 'counted', now_text, entries > 0 and 'end' or '', behind, format('%d', ranges) }
