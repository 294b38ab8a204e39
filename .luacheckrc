-- luacheck src/main/resources/lua: checks the sources as they stand, not the texts that the loader makes of them, so
-- that a warning names a line that can be edited. Each file may use the names that its include lines list
-- (LuaScriptTest holds them to what the parts define), its own columns and groups, and what every script has; any other
-- is an undefined variable.
std = 'lua51'
max_line_length = 120
read_globals = {
  'call', -- of the frame
  'cmsgpack',
  redis = { fields = { 'call', 'pcall', 'register_function', 'set_repl', 'REPL_NONE' } },
  -- Places that the loader turns into numbers
  KEYS = { other_fields = true },
  ARGV = { other_fields = true },
  PLACE = { other_fields = true },
  SIZE = { other_fields = true },
  COLUMN = { other_fields = true },
}
globals = { 'wrote' } -- of the frame: whether the script has written

local function read(path)
  local file = assert(io.open(path))
  local text = file:read('*a')
  file:close()
  return text
end

local list = assert(io.popen('find src/main/resources/lua -name "*.lua"'))
for path in list:lines() do
  local text, names, brought = read(path), {}, {}
  for include in text:gmatch('%-%- @include %w[%w_]* (%b())') do
    for name in include:gmatch('[%a_][%w_]*') do names[#names + 1] = name end
  end
  for column in text:gmatch('%-%- @column ([%w_]+)') do
    for _, name in ipairs({ column .. '_of', 'before_' .. column, 'after_' .. column }) do names[#names + 1] = name end
  end
  for group, members in text:gmatch('%-%- @group ([%w_]+) ([^\n]+)') do
    for member in members:gmatch('%S+') do names[#names + 1] = group .. '_' .. member .. '_at' end
  end
  -- A part's variables are used by others; none but the part itself sets them.
  if path:find('/lib/', 1, true) then
    for line in ('\n' .. text):gmatch('\nlocal ([^=\n]+)') do
      for name in line:gsub('%-%-.*', ''):gsub('%(.*', ''):gmatch('[%a_][%w_]*') do
        if name ~= 'function' then brought[#brought + 1] = '2[1234]1/' .. name end
      end
    end
  end
  files[path] = { read_globals = names, ignore = brought }
end
list:close()

-- What the blocks behind it use.
files['src/main/resources/lua/frame/library.lua'] = { ignore = { '211/register', '231/KEYS', '231/ARGV' } }
