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

-- The members with a byte of [lo,hi], from the last to the first. They are disjoint, so the first that ends before lo
-- ends the search. With `most` the search ends at one more than that.
local function within(set, prefix, lo, hi, most)
  local members, lower, upper, count = {}, '[' .. prefix, '(' .. prefix .. hi .. 'g', 2
  while true do
    local found = call('ZREVRANGEBYLEX', set, upper, lower, 'LIMIT', '0', count)
    for i = 1, #found do
      if interval_hi_of(found[i]) < lo or most and #members > most then return members end
      members[#members + 1] = found[i]
    end
    if #found < count then return members end
    upper, count = '(' .. found[count], 256
  end
end

-- What a range keeps when [cut_lo,cut_hi] is taken out: the last byte of the part before it and the first byte of the
-- part behind it, either nil when there is none.
local function remainder(lo, hi, cut_lo, cut_hi)
  return lo < cut_lo and dec(cut_lo) or nil, hi > cut_hi and inc(cut_hi) or nil
end
