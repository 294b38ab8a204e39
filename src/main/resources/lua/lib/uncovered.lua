-- Bytes that rows do not cover.
-- @include rows (lo_of, hi_of)
-- @include arithmetic (dec, inc)
-- @include plan (count_up_to)

-- The parts of [from,to] of which no row has a byte, as {lo, hi}. The rows are disjoint and in order.
local function uncovered(from, to, rows)
  local parts, lo = {}, from
  local i = count_up_to(rows, from .. 'g')
  if i == 0 or hi_of(rows[i]) < lo then i = i + 1 end
  while rows[i] and lo_of(rows[i]) <= to do
    local row_lo, row_hi = lo_of(rows[i]), hi_of(rows[i])
    if row_lo > lo then parts[#parts + 1] = { lo, dec(row_lo) } end
    if row_hi >= to then return parts end
    lo = inc(row_hi)
    i = i + 1
  end
  parts[#parts + 1] = { lo, to }
  return parts
end
