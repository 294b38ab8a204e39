-- What providers report of one file, one field for each provider: <version, 24> <revision, 16>. The version names the blocks that
-- count, the revision draws anew with every change. A report replaced or withdrawn leaves its blocks where they are until nobody
-- can still be reading them.
--
-- KEYS[3] providers   hash: provider -> <version> <revision>
-- KEYS[4] blocks      zset: <version> <lo> <hi> <revision that brought it>
-- KEYS[5] past        zset: blocks that a patch has taken out, <version> <lo> <born> <hi> <died> <ms>: for readers who began
--                     before it
-- KEYS[6] leftovers   zset of the bucket: what to tidy up, by the time it may go: <v|p><version> \t <file> \t <provider>; v is a
--                     whole version that does not count (any more), p are past blocks
-- ARGV[4] file   ARGV[5] provider   ARGV[6] condition   ARGV[7] max steps   ARGV[8] blocks of a report at most
-- ARGV[9] reports of a file at most   ARGV[10] how long a read may take, ms
local PROVIDERS, BLOCKS, PAST, LEFTOVERS = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local PROVIDER, CONDITION, MAX_STEPS = ARGV[5], ARGV[6], tonumber(ARGV[7])
local MAX_BLOCKS, MAX_REPORTS, READ_MS = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local BORN = ZERO -- of blocks that came with their version

local row = call('HGET', PROVIDERS, PROVIDER)

local function leftover(kind, version)
  return kind .. version .. '\t' .. ARGV[4] .. '\t' .. PROVIDER
end

local function how_many(version)
  return call('ZLEXCOUNT', BLOCKS, '[' .. version, '(' .. version .. 'g')
end

-- The answer when the report is not what the caller wants it to be, or may not be, or changes faster than it is tidied up; nil to
-- go on. The condition is empty, '+' (it
-- is there), '-' (it is not) or revisions one after the other, of which it has one.
local function refused(makes)
  local met = CONDITION == ''
    or (CONDITION == '+' and row)
    or (CONDITION == '-' and not row)
    or (row and string.find(CONDITION, sub(row, 25), 1, true))
  if not met then return { 'mismatch', now_text } end
  if makes and (call('ZCARD', BLOCKS) > 3 * MAX_BLOCKS or call('ZCARD', PAST) > MAX_BLOCKS) then
    return { 'busy', now_text }
  end
  if makes and not row and call('HLEN', PROVIDERS) >= MAX_REPORTS then return { 'crowded', now_text } end
end

-- A version that will never count may go at once.
local function abandon(version)
  call('ZADD', LEFTOVERS, now_text, leftover('v', version))
end

-- The revision of a change that begins to write now, stored before anything that carries it (see keep_clock).
local function next_revision()
  local revision = draw()
  keep_clock()
  return revision
end

-- From now on that version counts, at that revision: this decides which blocks stand, wherever a script may die.
local function publish(version, revision)
  call('HSET', PROVIDERS, PROVIDER, version .. revision)
end

local function published(revision)
  return finish({ 'done', now_text, revision, row and '0' or '1' })
end

-- Readers who began before now may go on for as long as a read may take.
local function outlives_readers(kind, version)
  call('ZADD', LEFTOVERS, 'NX', format('%d', now + READ_MS + 1), leftover(kind, version))
end
