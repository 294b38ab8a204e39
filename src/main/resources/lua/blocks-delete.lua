-- Withdraws a report.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report
-- @include clock
-- @include hex
-- @include report
local answer = begin()
if answer then return answer end
if not row then return { 'absent', now_text } end
answer = refused(false)
if answer then return answer end
keep_clock()
outlives_readers('v', sub(row, 1, 24))
call('HDEL', PROVIDERS, PROVIDER)
return finish({ 'done', now_text, sub(row, 25), '0' })
