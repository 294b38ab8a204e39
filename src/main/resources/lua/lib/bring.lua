-- Brings the blocks that stand from ARGV[13] on, <lo> <hi>, into a version.
local function bring(version)
  local members = {}
  for i = 13, #ARGV do
    members[#members + 1] = '0'
    members[#members + 1] = version .. ARGV[i] .. BORN
  end
  send('ZADD', BLOCKS, members)
end
