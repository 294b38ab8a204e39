-- Commands with many arguments.
-- Redis takes a few thousand arguments through Lua's stack at most.
local ARGUMENTS = 2000

local function send(command, key, arguments)
  for i = 1, #arguments, ARGUMENTS do
    call(command, key, unpack(arguments, i, math.min(i + ARGUMENTS - 1, #arguments)))
  end
end
