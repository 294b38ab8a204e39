-- Disjoint ranges in a lexicographic sorted set: members <prefix> <lo> <hi> <16 more>, of which no two of one prefix
-- overlap. An owner's locks and a provider's blocks are kept so.
-- @include text (sub)
-- @include hex (ZERO, MAX)
-- @include arithmetic (dec, inc)
-- @column interval_hi -32 -17

-- [lo,hi] with the byte on either side, as far as there is one: what overlaps that overlaps or touches [lo,hi].
local function widened(lo, hi)
  return lo == ZERO and lo or dec(lo), hi == MAX and hi or inc(hi)
end

-- The members that overlap or touch [lo,hi], at most limit + 1 of them ('-1': all), in no particular order. They are
-- disjoint, so only the nearest that begins before lo can reach it.
local function touching(set, prefix, lo, hi, limit)
  local below, above = widened(lo, hi)
  local members = call('ZRANGEBYLEX', set, '[' .. prefix .. lo, '(' .. prefix .. above .. 'g', 'LIMIT', '0', limit)
  local nearest = call('ZREVRANGEBYLEX', set, '(' .. prefix .. lo, '[' .. prefix, 'LIMIT', '0', '1')[1]
  if nearest and interval_hi_of(nearest) >= below then members[#members + 1] = nearest end
  return members
end

-- What a range keeps when [cut_lo,cut_hi] is taken out: the last byte of the part before it and the first byte of the
-- part behind it, either nil when there is none.
local function remainder(lo, hi, cut_lo, cut_hi)
  return lo < cut_lo and dec(cut_lo) or nil, hi > cut_hi and inc(cut_hi) or nil
end
