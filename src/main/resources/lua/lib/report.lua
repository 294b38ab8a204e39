-- What providers report of one file, one field for each provider. A report that is replaced or deleted leaves its
-- blocks where they are until nobody can still be reading them.
--
-- KEYS.providers   hash: provider -> row of its report (report_rows.lua)
-- KEYS.blocks      zset: blocks that stand
-- KEYS.past        zset: blocks that a patch has taken out, for readers who began before it
-- KEYS.leftovers   zset of the bucket: what to delete, by the time it may go: <v|p><version> \t <file> \t
--                  <provider>; v is a whole version that does not count (any more), p are past blocks
-- ARGV.file, ARGV.provider
-- ARGV.condition   which report the caller wants it to be, see mismatch()
-- ARGV.batch_size  blocks that one script may go through
-- ARGV.blocks_limit, ARGV.reports_limit   blocks of a report at most, reports of a file at most
-- ARGV.read_ms     how long a read may take
-- @include text (format)
-- @include clock (now, now_text, next_number, keep_clock, finish)
-- @include report_rows (revision_of)
-- @include hex (ZERO)
local PROVIDERS, BLOCKS, PAST, LEFTOVERS = KEYS.providers, KEYS.blocks, KEYS.past, KEYS.leftovers
local PROVIDER, CONDITION, BLOCKS_AT_ONCE = ARGV.provider, ARGV.condition, tonumber(ARGV.batch_size)
local MAX_BLOCKS, MAX_REPORTS = tonumber(ARGV.blocks_limit), tonumber(ARGV.reports_limit)
local READ_MS = tonumber(ARGV.read_ms)
local BORN = ZERO -- of blocks that came with their version

local row -- of the report, false when there is none: see open_report()

-- Reads the report, before anything is asked about it.
local function open_report()
  row = call('HGET', PROVIDERS, PROVIDER)
end

local function leftover(kind, version)
  return kind .. version .. '\t' .. ARGV.file .. '\t' .. PROVIDER
end

local function count_blocks(version)
  return call('ZLEXCOUNT', BLOCKS, '[' .. version, '(' .. version .. 'g')
end

-- The answer when the report is not what the caller wants it to be; nil to go on. The condition is empty, '+' (it is
-- there), '-' (it is not) or revisions one after the other, of which it has one.
local function mismatch()
  local met = CONDITION == ''
    or (CONDITION == '+' and row)
    or (CONDITION == '-' and not row)
    or (row and string.find(CONDITION, revision_of(row), 1, true))
  if not met then return { 'mismatch', now_text } end
end

-- The same for a change that brings blocks: also the answer when the file may have no further report, or the report
-- changes faster than old blocks are deleted.
local function refused()
  local answer = mismatch()
  if answer then return answer end
  if call('ZCARD', BLOCKS) > 3 * MAX_BLOCKS or call('ZCARD', PAST) > MAX_BLOCKS then return { 'busy', now_text } end
  if not row and call('HLEN', PROVIDERS) >= MAX_REPORTS then return { 'crowded', now_text } end
end

-- A version that will never count may go at once.
local function abandon(version)
  call('ZADD', LEFTOVERS, now_text, leftover('v', version))
end

-- The revision of a change that begins to write now, stored before anything that carries it (see keep_clock).
local function next_revision()
  local revision = next_number()
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
