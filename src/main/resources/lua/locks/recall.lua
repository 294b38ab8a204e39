-- Whether a call with an Idempotency-Key that releases has been done: asked when there is nothing left to release.
-- @keys meta result
-- @keys once once_rollback
-- @argv request deadline mark
-- @answer released time | none time
-- @answer mark time found | epoch time found
-- @include clock (now_text, begin_reading)
local stale = begin_reading()
if stale then return stale end
local text = call('GET', KEYS.once)
local done = text and text ~= '' and cmsgpack.unpack(text).done
return { done and 'released' or 'none', now_text }
