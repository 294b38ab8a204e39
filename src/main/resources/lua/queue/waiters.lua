-- A slice of the waiters of this bucket, by space and in order of arrival; or of a session, in order of arrival.
-- @keys meta result rows list chunks expiry aliases sessions opens breaks waiters queue waiting_due
-- Spaces whose name begins with the prefix, or the entries of a session (queue.lua); behind is the entry to go on
-- behind, or empty; the protocol is o for opens, and empty for all.
-- @argv request deadline mark rows_wanted entries prefix behind protocol filter...
-- End is 'end' or empty.
-- @answer waiters time end behind (id left row)...
-- @answer mark time found | epoch time found
-- @include text (format, match, sub)
-- @include clock (now, now_text, begin_reading)
-- @include list_names (listed_as)
-- @include filter (read_filter, matches)
-- @include waiters (wait_until_of, asked_of, WAITERS, is_waiting)
-- @column listed_id -51 -36
local stale = begin_reading()
if stale then return stale end
local rows_wanted, entries = tonumber(ARGV.rows_wanted), tonumber(ARGV.entries)
local wanted, of_session = read_filter(PLACE.filter), ARGV.protocol == ''
-- Names of spaces begin with a digit, and ':' comes behind the last of these.
local from = ARGV.behind == '' and '[' .. (ARGV.prefix == '' and '0' or ARGV.prefix) or '(' .. ARGV.behind
local to = ARGV.prefix == '' and '(:' or '(' .. ARGV.prefix .. '\255'
local members = call('ZRANGEBYLEX', KEYS.queue, from, to, 'LIMIT', '0', ARGV.entries)
local reply, matched, read = { 'waiters', now_text, '', '' }, 0, #members
for i = 1, #members do
  local id = listed_id_of(members[i])
  local waiter = (of_session or match(members[i], '^[^\t]*\t[pseo]w')) and call('HGET', WAITERS, id)
  if is_waiting(waiter) then
    local row = asked_of(waiter)
    if (of_session or listed_as(row) == ARGV.protocol) and matches(row, wanted) then
      local n = #reply
      reply[n + 1], reply[n + 2], reply[n + 3] = id, format('%d', tonumber(wait_until_of(waiter)) - now), row
      matched = matched + 1
      if matched == rows_wanted then
        read = i
        break
      end
    end
  end
end
if read == #members and read < entries then reply[3] = 'end' end
reply[4] = members[read] or ''
return reply
