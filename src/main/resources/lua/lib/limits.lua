-- The limits that the gateway is set to, for one request.
-- ARGV.batch_size        rows that one script may go through where it goes on in the next
-- ARGV.ranges_limit      ranges of one owner in one space, POSIX and SMB apart
-- ARGV.aliases_limit     aliases of one grant
-- ARGV.cross_protocol    1 when POSIX and SMB locks keep each other away
local BATCH_SIZE, RANGES_LIMIT, ALIASES_LIMIT, ENFORCED =
  tonumber(ARGV.batch_size), tonumber(ARGV.ranges_limit), tonumber(ARGV.aliases_limit), ARGV.cross_protocol == '1'
