-- Adds blocks to a version.
-- @include report (BLOCKS, BORN)
-- @include send (send)

-- Adds the blocks that stand from argument first on, <lo> <hi>.
local function add_blocks(version, first)
  local members = {}
  for i = first, #ARGV do
    members[#members + 1] = '0'
    members[#members + 1] = version .. ARGV[i] .. BORN
  end
  send('ZADD', BLOCKS, members)
end
