-- A requested lock enters its session.
-- @include text (sub, match)
-- @include clock (now_text)
-- @include rows (principal_of)
-- @include copies (copy_of, is_live_copy, copy_fields)
-- Of what is behind the owner in the tail of a row.
-- @column rest_begin 1 1

-- The answer when the lock cannot be acquired for its session, nil when it can. The bucket has no copy of the session
-- (home decides whether it gets one), the session has ended, or it is another principal's. A lock without a machine
-- name gets that of its session.
local function enter_session(op)
  local copy = copy_of(op.session)
  if not copy then return { 'unregistered', now_text, op.session } end
  local principal, name = copy_fields(copy)
  if principal and principal ~= principal_of(op.owner) then return { 'foreign', now_text, op.session } end
  if not is_live_copy(copy) then return { 'ended', now_text, op.session } end
  if op.protocol == 's' then
    local rest = sub(op.tail, #op.owner + 1)
    if rest_begin_of(rest) == '\t' then op.tail = op.owner .. name .. rest end
  else
    local handle = match(op.owner, '^([^\t]*\t[^\t]*\t)\t$')
    if handle then
      local rest = sub(op.tail, #op.owner + 1)
      op.owner = handle .. name .. '\t'
      op.tail = op.owner .. rest
    end
  end
end
