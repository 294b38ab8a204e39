-- Claims an Idempotency-Key of a principal for one request, in the bucket of the principal: what the key has been used
-- for is known there, whatever the bucket of the file. What the call has done is kept where it was done (once.lua), or
-- here when it was done in several buckets.
-- The claim is kept 11 minutes from its last use, so it outlives what is kept of the call. How many keys the principal
-- has used is counted in periods of as long: the claims that stand are of this one and of the one before.
-- @keys meta result
-- string: <settled, 1 or 0> <period> <digest of the request>
-- @keys claim
-- string: <period> <keys used in it> <keys used in the one before>
-- @keys claims
-- Step is claim, or settle when the call is done.
-- @argv request deadline mark digest keys_limit step
-- Settled: the call has been done, in several buckets.
-- @answer claimed time | settled time
-- The key belongs to another request; the principal has used as many keys as it may, and may use more in so many ms.
-- @answer reused time | limit time wait_ms
-- @answer late time | mark time found | epoch time found
-- @include text (format, match, floor)
-- @include clock (now_text, server_now, begin)
local PERIOD_MS, KEPT_MS, COUNTED_MS = 660000, '660000', '1320000'
local answer = begin()
if answer then return answer end

local period = floor(server_now / PERIOD_MS)
local settled, used_in, digest = match(call('GET', KEYS.claim) or '', '^([01]) (%d+) (.+)$')
if digest and digest ~= ARGV.digest then return { 'reused', now_text } end
local done = settled == '1' or ARGV.step == 'settle'

local count
if tonumber(used_in) ~= period then
  local last, now_used, used_before = match(call('GET', KEYS.claims) or '', '^(%d+) (%d+) (%d+)$')
  last, now_used, used_before = tonumber(last or period), tonumber(now_used or 0), tonumber(used_before or 0)
  -- A clock may go back.
  if last > period then period = last end
  if last < period then
    now_used, used_before = 0, last == period - 1 and now_used or 0
  end
  -- A key that the principal has goes on.
  if not digest and now_used + used_before >= tonumber(ARGV.keys_limit) then
    return { 'limit', now_text, format('%d', (period + 1) * PERIOD_MS - server_now) }
  end
  count = format('%d %d %d', period, now_used + 1, used_before)
end
wrote = true
if count then call('SET', KEYS.claims, count, 'PX', COUNTED_MS) end
call('SET', KEYS.claim, (done and '1' or '0') .. ' ' .. format('%d', period) .. ' ' .. ARGV.digest, 'PX', KEPT_MS)
return { done and 'settled' or 'claimed', now_text }
