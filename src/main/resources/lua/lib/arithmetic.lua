-- The numbers before and behind a number, as 16 hex digits.
-- @include text (sub)
-- @include hex (byte, ZERO, MAX, digit)

-- x - 1; x must not be zero.
local function dec(x)
  local i = 16
  while byte(x, i) == 48 do i = i - 1 end
  return sub(x, 1, i - 1) .. digit(tonumber(sub(x, i, i), 16) - 1) .. sub(MAX, 1, 16 - i)
end

-- x + 1; x must not be MAX.
local function inc(x)
  local i = 16
  while byte(x, i) == 102 do i = i - 1 end
  return sub(x, 1, i - 1) .. digit(tonumber(sub(x, i, i), 16) + 1) .. sub(ZERO, 1, 16 - i)
end
