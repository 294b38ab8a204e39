-- Unsigned 64-bit numbers as 16 hex digits: comparing strings compares numbers, and nothing is ever a double.
local byte, char, rep = string.byte, string.char, string.rep
local ZERO, MAX = '0000000000000000', 'ffffffffffffffff'

local function digit(value)
  return char(value < 10 and 48 + value or 87 + value)
end

-- x - 1; x must not be zero.
local function dec(x)
  local i = 16
  while byte(x, i) == 48 do i = i - 1 end
  return sub(x, 1, i - 1) .. digit(tonumber(sub(x, i, i), 16) - 1) .. rep('f', 16 - i)
end

-- x + 1; x must not be MAX.
local function inc(x)
  local i = 16
  while byte(x, i) == 102 do i = i - 1 end
  return sub(x, 1, i - 1) .. digit(tonumber(sub(x, i, i), 16) + 1) .. sub(ZERO, 1, 16 - i)
end
