-- Functions on texts and numbers. As locals, because Lua finds a local faster than a field of a global table.
local format, sub, match, floor = string.format, string.sub, string.match, math.floor
