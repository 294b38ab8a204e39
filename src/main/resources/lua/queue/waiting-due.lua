-- Waiters of this bucket for which there is something to do, the longest due first, and queues to go on with.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters queue waiting_due
-- The session whose waiters are meant, or empty for those that are due.
-- @argv request deadline mark session how_many
-- Each is a space and the id of a waiter, or the letter of a queue.
-- @answer due time (space id)...
-- @answer mark time found | epoch time found
-- @include text (sub)
-- @include clock (now_text, lease_now, begin_reading)
-- @include rows (fields_of)
-- @include waiters (asked_of, WAITERS)
-- @column member_kind 1 1
-- @column member_queue 2 2
-- @column member_space 3
-- @column session_entry_id -51 -36
local stale = begin_reading()
if stale then return stale end
local reply, ids = { 'due', now_text }, {}
if ARGV.session ~= '' then
  local prefix = 'S' .. ARGV.session .. '\t'
  local entries = call('ZRANGEBYLEX', KEYS.queue, '[' .. prefix, '(' .. prefix .. 'g', 'LIMIT', '0', ARGV.how_many)
  for i = 1, #entries do ids[i] = session_entry_id_of(entries[i]) end
else
  ids = call('ZRANGEBYSCORE', KEYS.waiting_due, '-inf', lease_now, 'LIMIT', '0', ARGV.how_many)
end
for i = 1, #ids do
  local id = ids[i]
  if member_kind_of(id) == 'V' then
    reply[#reply + 1], reply[#reply + 2] = member_space_of(id), member_queue_of(id)
  else
    local waiter = call('HGET', WAITERS, id)
    local _, _, _, _, space = fields_of(waiter and asked_of(waiter) or '')
    -- One without a row is taken away with the others of any space.
    reply[#reply + 1], reply[#reply + 2] = space or '0::', id
  end
end
return reply
