-- Renews the lease of a grant, or looks whether it is to be confirmed.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters
-- Without a lease a grant that stands is answered as it is.
-- @argv request deadline mark id principal lease_ms protocol
-- Losses are entries of loss_entries.lua: what others took of it.
-- @answer renewed time id row whether_more losses
-- It is provisional: see confirm.lua.
-- @answer provisional time space
-- The grant has no lease; there is none any more; there never was one, or it is another's.
-- @answer unleased time | lost time | unknown time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (number_epoch_of, number_counter_of, REQUEST, EPOCH, now, now_text, waiting, counter, begin,
--   keep_clock, finish)
-- @include rows (protocol_of, lifetime_of, aliased_of, before_deadline, after_request, ROWS, told, fields_of)
-- @include loss_entries (tell_losses)
-- @include lookup (find_live)
-- @include waiters (asked_of, granted_waiter)
local answer = begin()
if answer then return answer end

local id, row = find_live(ARGV.id)
local waiter = not row and waiting and granted_waiter(ARGV.id)
if waiter then
  local _, principal, _, _, space = fields_of(asked_of(waiter))
  if principal ~= ARGV.principal or protocol_of(asked_of(waiter)) ~= ARGV.protocol then
    return { 'unknown', now_text }
  end
  return { 'provisional', now_text, space }
end
if not row then
  -- Ids and tokens are (epoch << 40) | counter, and the counter goes on where the epoch is raised: no other was ever
  -- given to anyone. (One of an epoch before with a number of this one passes for given.)
  local epoch, number = tonumber(number_epoch_of(ARGV.id), 16), tonumber(number_counter_of(ARGV.id), 16)
  local given = epoch >= 1 and epoch <= EPOCH and number >= 1 and number <= counter
  return { given and 'lost' or 'unknown', now_text }
end
local _, principal = fields_of(row)
if principal ~= ARGV.principal or protocol_of(row) ~= ARGV.protocol then return { 'unknown', now_text } end
local may_have_losses = aliased_of(row) == '1'
if ARGV.lease_ms ~= '' then
  if lifetime_of(row) ~= 'l' then return { 'unleased', now_text } end
  local deadline = format('%013d', now + tonumber(ARGV.lease_ms))
  row = before_deadline(row) .. deadline .. REQUEST .. after_request(row)
  keep_clock()
  call('ZADD', KEYS.expiry, deadline, id)
  call('HSET', ROWS, id, row)
elseif not may_have_losses then
  return { 'renewed', now_text, id, told(row), '0', '' }
else
  keep_clock()
end
local more, losses = '0', ''
if may_have_losses then more, losses = tell_losses(id, REQUEST) end
return finish({ 'renewed', now_text, id, told(row), more, losses })
