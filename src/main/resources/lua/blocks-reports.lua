-- Who reports, and what to read it by: provider, version, revision for each; of all, or of one.
-- KEYS: meta, result, providers     ARGV: 1-3 see clock, 4 provider or ''
-- @include clock
local stale = begin_reading()
if stale then return stale end
local PROVIDERS = KEYS[3]
local reply = { 'reports', now_text }
local function tell(provider, row)
  reply[#reply + 1] = provider
  reply[#reply + 1] = sub(row, 1, 24)
  reply[#reply + 1] = sub(row, 25)
end
if ARGV[4] ~= '' then
  local row = call('HGET', PROVIDERS, ARGV[4])
  if row then tell(ARGV[4], row) end
else
  -- As many as a file may have reports.
  local all = call('HGETALL', PROVIDERS)
  for i = 1, #all, 2 do tell(all[i], all[i + 1]) end
end
return reply
