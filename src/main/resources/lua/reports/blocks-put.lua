-- Replaces a report: adds the last blocks of its new version and lets that count from now on.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- How many blocks it has in all; the last of them: <lo> <hi>.
-- @argv version total blocks...
-- Created is 1 when there was no report, else 0.
-- @answer done time revision created
-- Blocks staged before are not there any more:
-- @answer lost time
-- The report is not as the condition wants it:
-- @answer mismatch time
-- Too much is still to delete; the file has as many reports as it may have:
-- @answer busy time | crowded time
-- @answer late time | mark time found | epoch time found
-- @include clock (now_text, begin, keep_clock, finish)
-- @include report_rows (version_of)
-- @include report (LEFTOVERS, row, open_report, leftover, count_blocks, refused, abandon, next_revision, publish,
--   published, outlives_readers)
-- @include blocks (add_blocks)
local answer = begin()
if answer then return answer end
open_report()
local version = ARGV.version
answer = refused()
-- When the blocks before came too slowly, some of them are deleted.
local here = #ARGV - PLACE.blocks + 1
if not answer and count_blocks(version) + here ~= tonumber(ARGV.total) then answer = { 'lost', now_text } end
if answer then
  keep_clock()
  abandon(version)
  return finish(answer)
end
local revision = next_revision()
add_blocks(version, PLACE.blocks)
if row then outlives_readers('v', version_of(row)) end
publish(version, revision)
call('ZREM', LEFTOVERS, leftover('v', version))
return published(revision)
