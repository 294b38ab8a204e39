-- The frame around every script (put there by the loader). A read-only replica runs a script up to its first write,
-- and would so answer "free", an empty list, or a conflict out of old data. A script that has not written anything
-- therefore ends with a write command that changes nothing: a server that may not write (READONLY, NOREPLICAS,
-- MISCONF) refuses it, and with it the answer. It stands at the end, for Redis stops refusing for lack of memory
-- after the first write command of a script.
local call, wrote = redis.call, false
local function decide()
  -- @script
end
local answer = decide()
if not wrote then
  -- Without this Redis 6.2 would send an empty transaction to its replicas and its append-only file.
  redis.set_repl(redis.REPL_NONE)
  call('PERSIST', KEYS[1])
end
return answer
