-- Replaces a report: brings the last blocks of its new version and lets that count from now on.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report, 11 version, 12 how many blocks it has in all, 13- the last of them: <lo> <hi>
-- @include clock
-- @include hex
-- @include report
-- @include send
-- @include bring
local answer = begin()
if answer then return answer end
local version = ARGV[11]
answer = refused(true)
-- Who staged too slowly finds some blocks tidied away.
if not answer and how_many(version) + #ARGV - 12 ~= tonumber(ARGV[12]) then answer = { 'lost', now_text } end
if answer then
  keep_clock()
  abandon(version)
  return finish(answer)
end
local revision = next_revision()
bring(version)
if row then outlives_readers('v', sub(row, 1, 24)) end
publish(version, revision)
call('ZREM', LEFTOVERS, leftover('v', version))
return published(revision)
