-- The frame around the functions of a library (put there by the loader): what primary.lua is around a script. What a
-- call begins with is set here, since the locals of a library outlive the call. While Redis loads a library neither
-- redis.call nor the standard libraries can be read: the first call fetches them.
local KEYS, ARGV, call, wrote
local function register(name, fetch, decide)
  local fetched = false
  local function run(keys, arguments)
    KEYS, ARGV, wrote = keys, arguments, false
    if not fetched then
      call = redis.call
      fetch()
      fetched = true
    end
    local answer = decide()
    if not wrote then
      redis.set_repl(redis.REPL_NONE)
      call('PERSIST', keys[1])
    end
    return answer
  end
  redis.register_function(name, run)
end
