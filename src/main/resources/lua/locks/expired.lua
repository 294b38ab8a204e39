-- Ids and spaces of grants whose time is up, the longest first.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks due waiting_due break_due
-- @argv request deadline mark how_many
-- Whether grants have gone that stand in lists still (0 or 1): see relist; and whether a session is due (0 or 1): see
-- session-due; and whether a waiter is (0 or 1): see waiting-due; and whether anybody waits (0 or 1); and whether a
-- break is due (0 or 1): see break-due.
-- @answer expired time gone sessions waiters waiting breaks (space id)...
-- @answer mark time found | epoch time found
-- @include clock (gone, waiting, now_text, lease_now, begin_reading)
-- @include rows (ROWS, fields_of)
local stale = begin_reading()
if stale then return stale end
local ids = call('ZRANGEBYSCORE', KEYS.expiry, '-inf', lease_now, 'LIMIT', '0', ARGV.how_many)
local sessions = call('ZRANGEBYSCORE', KEYS.due, '-inf', lease_now, 'LIMIT', '0', '1')
local waiters = call('ZRANGEBYSCORE', KEYS.waiting_due, '-inf', lease_now, 'LIMIT', '0', '1')
local breaks = call('ZRANGEBYSCORE', KEYS.break_due, '-inf', lease_now, 'LIMIT', '0', '1')
local function flag(is_set) return is_set and '1' or '0' end
local reply = { 'expired', now_text, flag(gone ~= ''), flag(#sessions > 0), flag(#waiters > 0), flag(waiting),
  flag(#breaks > 0) }
if #ids == 0 then return reply end
local rows = call('HMGET', ROWS, unpack(ids))
for i = 1, #ids do
  if rows[i] then
    local _, _, _, _, space = fields_of(rows[i])
    reply[#reply + 1] = space
    reply[#reply + 1] = ids[i]
  end
end
return reply
