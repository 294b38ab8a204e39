-- The reports of a file, and what to read each by; of all providers, or of one.
-- @keys meta result providers
-- The provider may be empty.
-- @argv request deadline mark provider
-- @answer reports time (provider version revision)...
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
-- @include report_rows (version_of, revision_of)
local stale = begin_reading()
if stale then return stale end
local PROVIDERS = KEYS.providers
local reply = { 'reports', now_text }
local function add_report(provider, row)
  reply[#reply + 1] = provider
  reply[#reply + 1] = version_of(row)
  reply[#reply + 1] = revision_of(row)
end
if ARGV.provider ~= '' then
  local row = call('HGET', PROVIDERS, ARGV.provider)
  if row then add_report(ARGV.provider, row) end
else
  -- As many as a file may have reports.
  local all = call('HGETALL', PROVIDERS)
  for i = 1, #all, 2 do add_report(all[i], all[i + 1]) end
end
return reply
