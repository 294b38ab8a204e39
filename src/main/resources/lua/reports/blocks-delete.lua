-- Deletes a report.
-- @keys meta result providers blocks past leftovers
-- @argv request deadline mark
-- @argv file provider condition batch_size blocks_limit reports_limit read_ms
-- @answer done time revision 0
-- There is none:
-- @answer absent time
-- The report is not as the condition wants it:
-- @answer mismatch time
-- @answer late time | mark time found | epoch time found
-- @include clock (now_text, begin, keep_clock, finish)
-- @include report_rows (version_of, revision_of)
-- @include report (PROVIDERS, PROVIDER, row, open_report, mismatch, outlives_readers)
local answer = begin()
if answer then return answer end
open_report()
if not row then return { 'absent', now_text } end
answer = mismatch()
if answer then return answer end
keep_clock()
outlives_readers('v', version_of(row))
call('HDEL', PROVIDERS, PROVIDER)
return finish({ 'done', now_text, revision_of(row), '0' })
