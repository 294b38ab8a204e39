-- Adds blocks to a version that does not count yet.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- How long it is kept, ms; blocks: <lo> <hi>.
-- @argv version kept_ms blocks...
-- @answer staged time
-- The report is not as the condition wants it:
-- @answer mismatch time
-- Too much is still to delete; the file has as many reports as it may have:
-- @answer busy time | crowded time
-- @answer late time | mark time found | epoch time found
-- @include text (format)
-- @include clock (now, now_text, begin, keep_clock, finish)
-- @include report (LEFTOVERS, open_report, leftover, refused, abandon)
-- @include blocks (add_blocks)
local answer = begin()
if answer then return answer end
open_report()
local version = ARGV.version
answer = refused()
if answer then
  keep_clock()
  abandon(version)
  return finish(answer)
end

keep_clock()
call('ZADD', LEFTOVERS, format('%d', now + tonumber(ARGV.kept_ms)), leftover('v', version))
add_blocks(version, PLACE.blocks)
return finish({ 'staged', now_text })
