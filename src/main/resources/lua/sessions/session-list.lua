-- Sessions at home in this bucket that are live, in the order of their principals and of their numbers.
-- @keys meta result sessions due live
-- Of one principal, or of all (empty); how many at most, and how many are looked at; the place to go on behind.
-- @argv request deadline mark principal how_many looked_at behind
-- The machine name that they must have.
-- @argv owner_name?
-- End is 'end' or empty.
-- @answer listed time end behind (session left_ms ttl_ms principal owner_name)...
-- @answer mark time found | epoch time found
-- @include text (format, match)
-- @include clock (now, now_text, begin_reading)
-- @include home (home_deadline_of, home_ttl_of, LIVE, home_of, is_live_home, home_fields)
local stale = begin_reading()
if stale then return stale end
local wanted, how_many, looked_at = ARGV.principal, tonumber(ARGV.how_many), tonumber(ARGV.looked_at)
local lower, upper = '-', '+'
if wanted ~= '' then lower, upper = '[' .. wanted .. '\t', '(' .. wanted .. '\n' end
if ARGV.behind ~= '' then lower = '(' .. ARGV.behind end
local members = call('ZRANGEBYLEX', LIVE, lower, upper, 'LIMIT', '0', looked_at)
local reply, found = { 'listed', now_text, '', ARGV.behind }, 0
for i = 1, #members do
  local session = match(members[i], '\t(.*)$')
  local row = home_of(session)
  if row and is_live_home(row) then
    local principal, name = home_fields(row)
    if not ARGV.owner_name or name == ARGV.owner_name then
      local at = #reply
      reply[at + 1], reply[at + 2] = session, format('%d', tonumber(home_deadline_of(row)) - now)
      reply[at + 3], reply[at + 4], reply[at + 5] = format('%d', tonumber(home_ttl_of(row))), principal, name
      found = found + 1
    end
  end
  reply[4] = members[i]
  if found == how_many then return reply end
end
if #members < looked_at then reply[3] = 'end' end
return reply
