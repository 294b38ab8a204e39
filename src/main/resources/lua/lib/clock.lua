-- Opens and closes a changing script: store time, the bucket's counter and epoch, and the memory of what a request
-- did.
--
-- KEYS.meta     hash: clock (ms, the last time seen), counter, epoch, mark (of the store, see stamp),
--               hold (see suspend), newest and gone (ids of grants, see lists.lua), waiting (see queue.lua),
--               events_until (see events.lua)
-- KEYS.result   string: what the request with this id answered, kept for 30 s
-- ARGV.request  its id, 24 hex digits
-- ARGV.deadline ms of the server's clock: the request changes nothing later
-- ARGV.mark     epoch, a space, and mark of the gateway
--
-- A request that is sent twice (a lost reply, a reconnect) finds its own answer and changes nothing again. One that
-- arrives after its deadline changes nothing at all: its gateway has given up on it.
-- @include text (format, sub, match, floor)
-- A number is the epoch and the counter: see next_number().
-- @column number_epoch 1 6
-- @column number_counter 7
-- Of ids one behind the other.
-- @column first_id 1 16
local META, RESULT, REQUEST = KEYS.meta, KEYS.result, ARGV.request
local EPOCH, MARK = match(ARGV.mark, '^(%d+) (.+)$')
EPOCH = tonumber(EPOCH)
local RESULT_KEPT_MS = 30000
local NEWEST_BYTES = 512 -- of newest, and of gone, at most: 32 ids (lists.lua)
-- now is the bucket's time; server_now the server's, for deadlines of requests; lease_now the time by which leases
-- end.
local now, now_text, lease_now, server_now, seen, counter, counter_before
local newest -- ids of grants that stand in no list yet, in order
local gone -- ids of grants that have ended and stand in lists still
local hold -- {from, until, jump} of a remembered jump of the server's clock
local suspended -- no lease ends now
local waiting -- whether anybody waits in this bucket (queue.lua)
local listened -- while somebody listens to events: how many are kept (events.lua)

-- Store time never runs backwards within a bucket, not even when a replica with a slower clock takes over.
local function read_clock()
  local meta = call('HMGET', META, 'clock', 'counter', 'epoch', 'mark', 'hold', 'newest', 'gone', 'waiting',
    'events_until')
  local time = call('TIME')
  server_now = time[1] * 1000 + floor(time[2] / 1000)
  now, seen = server_now, tonumber(meta[1] or 0)
  if seen > now then now = seen end
  now_text, lease_now = format('%d', now), format('%013d', now)
  counter = tonumber(meta[2] or 0)
  counter_before, newest, gone, waiting = counter, meta[6] or '', meta[7] or '', meta[8]
  if meta[5] then
    local from, till, jump = match(meta[5], '^(%d+) (%d+) (-?%d+)$')
    hold = { tonumber(from), tonumber(till), tonumber(jump) }
    suspended = server_now >= hold[1] and server_now < hold[2]
    -- Leases are judged by the time from before the jump, and by no later one.
    if suspended then lease_now = format('%013d', math.min(now, hold[1] - hold[3])) end
  end
  if meta[9] then
    local till, epoch, kept = match(meta[9], '^(%d+) (%d+) (%d+)$')
    if tonumber(till) > server_now and tonumber(epoch) == EPOCH then listened = kept end
  end
  return meta[3], meta[4]
end

-- The answer when this gateway may not use the bucket as it is, nil when it may: the bucket has no mark (the store
-- was emptied) or another (a gateway set otherwise or of another format), or is in another epoch. BucketStamps finds
-- out which.
local function unusable(epoch, mark)
  if mark ~= MARK then return { 'mark', now_text, mark or '' } end
  if tonumber(epoch) ~= EPOCH then return { 'epoch', now_text, epoch or '' } end
end

-- For scripts that change nothing: the answer to give at once, or nil to go on.
local function begin_reading()
  return unusable(read_clock())
end

-- The answer to give at once, or nil to go on: a request that was here before gets what it got then. A script that
-- may have kept its result in another form gives a function that reads it.
local function begin(read)
  local kept = call('GET', RESULT)
  if kept then return read and read(kept) or cmsgpack.unpack(kept)[1] end
  local stale = begin_reading()
  -- By the server's clock, and with its time: a bucket's own may be ahead, and would let no request in or every one.
  if server_now > tonumber(ARGV.deadline) then return { 'late', format('%d', server_now) } end
  return stale
end

local function number_text(number)
  return format('%06x%010x', EPOCH, number)
end

-- The next number of the bucket, 16 hex digits: a fencing token, or the sequence of a new grant.
local function next_number()
  counter = counter + 1
  return number_text(counter)
end

-- Stores time and counter: the first write of every script that changes something, so that a number is stored before
-- anything that carries it, wherever the script may die. HSET is refused when Redis is full, so nothing else is
-- written then. With ids, those are the newest grants from now on: nothing may be written of a row before it is in a
-- list or among these. With others, those are the grants that have gone from now on.
local function keep_clock(ids, gone_ids)
  wrote = true
  local clock = suspended and format('%d', seen) or now_text
  if ids then
    newest = ids
    call('HSET', META, 'clock', clock, 'counter', format('%d', counter), 'newest', ids)
  elseif gone_ids then
    gone = gone_ids
    call('HSET', META, 'clock', clock, 'counter', format('%d', counter), 'gone', gone_ids)
  else
    call('HSET', META, 'clock', clock, 'counter', format('%d', counter))
  end
end

-- Keeps the answer under the request id, with what undo.lua needs to roll it back. The last write, after keep_clock()
-- and all others.
local function finish(reply, rollback)
  call('SET', RESULT, cmsgpack.pack({ reply, rollback or false }), 'PX', RESULT_KEPT_MS)
  return reply
end
