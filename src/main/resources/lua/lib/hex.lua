-- Unsigned 64-bit numbers as 16 hex digits: comparing strings compares numbers, and nothing is ever a double.
local byte, char = string.byte, string.char
local ZERO, MAX = '0000000000000000', 'ffffffffffffffff'

local function digit(value)
  return char(value < 10 and 48 + value or 87 + value)
end
