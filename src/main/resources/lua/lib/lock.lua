-- An asked lock, and the row that it becomes.
local MAX_STEPS, RANGES_LIMIT, NAMES_LIMIT, ENFORCED =
  tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7] == '1'

-- Reads an asked lock from ARGV[i...]; answers it and the place behind it.
-- below and above are the bytes beside the range, or its own ends at the ends of the space.
local function read_lock(i)
  local owner = ARGV[i + 11]
  return {
    protocol = ARGV[i], strength = ARGV[i + 1], modes = ARGV[i + 2], lifetime = ARGV[i + 3], lease = tonumber(ARGV[i + 4]),
    session = ARGV[i + 5], shape = ARGV[i + 6], lo = ARGV[i + 7], hi = ARGV[i + 8], below = ARGV[i + 9], above = ARGV[i + 10],
    owner = owner, tail = owner .. ARGV[i + 12],
  }, i + 13
end

local function new_row(op, lo, hi, further_names, token, tail)
  local deadline = op.lease == 0 and NO_DEADLINE or format('%013d', now + op.lease)
  return lo .. hi .. op.strength .. op.protocol .. op.lifetime .. op.shape .. further_names .. '0' .. op.modes .. token
    .. deadline .. RID .. '\t' .. tail
end
