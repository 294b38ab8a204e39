-- Brings blocks of a version that does not count yet.
-- KEYS, ARGV: 1-3 see clock, 4-10 see report, 11 version, 12 ms for which it is kept, 13- blocks: <lo> <hi>
-- @include clock
-- @include hex
-- @include report
-- @include send
-- @include bring
local answer = begin()
if answer then return answer end
local version = ARGV[11]
answer = refused(true)
if answer then
  keep_clock()
  abandon(version)
  return finish(answer)
end

keep_clock()
call('ZADD', LEFTOVERS, format('%d', now + tonumber(ARGV[12])), leftover('v', version))
bring(version)
return finish({ 'staged', now_text })
