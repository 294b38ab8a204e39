-- A requested lock, and the row that it becomes.
-- @include text (format)
-- @include clock (REQUEST, now)
-- @include rows (NO_DEADLINE)
-- below and above are the bytes beside the range, or its own ends at the ends of the space. rest is what the tail of
-- a row has behind the owner.
-- @group lock protocol strength modes lifetime lease session shape lo hi below above owner rest

-- Reads a requested lock from argument i on; answers it and the place behind it.
local function read_lock(i)
  local owner = lock_owner_at(i)
  return {
    protocol = lock_protocol_at(i), strength = lock_strength_at(i), modes = lock_modes_at(i),
    lifetime = lock_lifetime_at(i), lease = tonumber(lock_lease_at(i)), session = lock_session_at(i),
    shape = lock_shape_at(i), lo = lock_lo_at(i), hi = lock_hi_at(i),
    below = lock_below_at(i), above = lock_above_at(i),
    owner = owner, tail = owner .. lock_rest_at(i),
  }, i + SIZE.lock
end

local function new_row(op, lo, hi, aliased, token, tail)
  local deadline = op.lease == 0 and NO_DEADLINE or format('%013d', now + op.lease)
  return lo .. hi .. op.strength .. op.protocol .. op.lifetime .. op.shape .. aliased .. '0' .. op.modes .. token
    .. deadline .. REQUEST .. '\t' .. tail
end
