-- A plan: everything a request would change, worked out by reading only; commit() then writes it. Nothing is written before
-- every check has passed, for a script can die half way in a slot that migrates.
-- @include intervals
local MAX_BLOCKERS = 16
local INHERITED, INHERITED_TEXT = 64, '64' -- tokens that the right part of a split takes over
local before, after = {}, {} -- rows by id: as they stand in Redis; as they shall stand (false = gone)
local grown = {} -- by owner: how many rows more
local created = 0 -- how many rows the plan makes
local new_names = {} -- by id: the set of further names it gets, see name()
local stale_names = {} -- members of NAMES that go though their grant stays
local dead, dead_count = {}, 0 -- expired rows met on the way, dropped with the commit
-- To drop a row takes about 15 us, and nobody else is served meanwhile: more than these go in further calls.
local MAX_BURIED = math.min(MAX_STEPS, 100)

local function is_smb(row)
  return sub(row, 34, 34) == 's'
end

-- The owner as the engine sees it: three fields in POSIX, the handle's two in SMB.
local function owner_of(row)
  return match(row, is_smb(row) and '^[^\t]*\t[^\t]*\t' or '^[^\t]*\t[^\t]*\t[^\t]*\t', TAIL)
end

-- Rows of one owner merge only when this is equal.
local function kind_of(row)
  local kind = sub(row, 33, 35)
  if sub(kind, 3) == 's' then
    local _, _, _, session = fields_of(row)
    return kind .. session
  end
  return kind
end

-- What is left of a row still counts as granted by the request that granted the whole.
local function with_range(row, lo, hi)
  return lo .. hi .. sub(row, 33)
end

-- Visits the members of a stretch in order until visit(id, member) answers true. Short reads first: nearly always there is nothing.
local function walk(index, from, to, visit)
  local lower, upper, count = '[' .. from, '(' .. to, 4
  while true do
    local members = call('ZRANGEBYLEX', index, lower, upper, 'LIMIT', '0', count)
    for i = 1, #members do
      if visit(sub(members[i], -16), members[i]) then return end
    end
    if #members < count then return end
    lower = '(' .. members[count]
    if count < 256 then count = count * 4 end
  end
end

local function index_of(world_is_smb)
  if world_is_smb then return SMB_INDEX, SMB_LEVELS, SMB_NODES end
  return POSIX_INDEX, POSIX_LEVELS, POSIX_NODES
end

local function bury(id, row)
  if not dead[id] then dead[id], dead_count = row, dead_count + 1 end
end

-- The row of an id as the plan has it so far; nil when there is none, or only an expired one.
local function current(id)
  local row = after[id]
  if row ~= nil then return row or nil end
  row = call('HGET', ROWS, id)
  if not row then return error('index names a grant without a row (lockgate --repair): ' .. id) end
  if is_live(row) then return row end
  bury(id, row)
end

local function create(id, row)
  after[id] = row
  local owner = owner_of(row)
  grown[owner] = (grown[owner] or 0) + 1
  created = created + 1
end

local function change(id, old, new)
  if after[id] == nil then before[id] = old end
  after[id] = new
end

local function remove(id, old)
  change(id, old, false)
  local owner = owner_of(old)
  grown[owner] = (grown[owner] or 0) - 1
end

-- Further names: absorbed ids, and tokens from before a merge or a split, stay valid for the heir. A name is its kind, i(d) or
-- t(oken), and the number; NAMES holds N <name> <id> and R <id> <name>. A grant's own id needs no entry, nor does its first
-- token, which is the same number.
local function name(new_name, id)
  local names = new_names[id]
  if not names then
    names = {}
    new_names[id] = names
  end
  names[new_name] = true
end

local function stored_names(id, row)
  local names = {}
  if sub(row, 37, 37) == '1' then
    local members = call('ZRANGEBYLEX', NAMES, '[R' .. id, '(R' .. id .. 'u')
    for i = 1, #members do names[i] = sub(members[i], -17) end
  end
  return names
end

-- What absorbs a row answers to all its names.
local function inherit(heir, id, row)
  local names = stored_names(id, row)
  for i = 1, #names do name(names[i], heir) end
  for new_name in pairs(new_names[id] or {}) do name(new_name, heir) end
  name('i' .. id, heir)
  name('t' .. id, heir)
end

-- What is split off answers to the tokens, for the id stays with the left part; and only to the newest of them: a request may split
-- a hundred times, and each part would copy a thousand.
local function inherit_tokens(heir, id, row)
  local tokens = {}
  if sub(row, 37, 37) == '1' then
    local members = call('ZREVRANGEBYLEX', NAMES, '(R' .. id .. 'u', '[R' .. id .. 't', 'LIMIT', '0', INHERITED_TEXT)
    for i = 1, #members do tokens[i] = sub(members[i], -17) end
  end
  for new_name in pairs(new_names[id] or {}) do
    if sub(new_name, 1, 1) == 't' then tokens[#tokens + 1] = new_name end
  end
  tokens[#tokens + 1] = 't' .. id
  table.sort(tokens, function(a, b) return a > b end)
  for i = 1, math.min(#tokens, INHERITED) do name(tokens[i], heir) end
end

local function overlap(a_shape, a_lo, a_hi, b_shape, b_lo, b_hi)
  if a_shape == 'z' then
    return b_shape == 'r' and b_lo < a_lo and a_lo <= b_hi
  elseif b_shape == 'z' then
    return a_lo < b_lo and b_lo <= a_hi
  end
  return a_lo <= b_hi and b_lo <= a_hi
end

-- Who stands in the way of op: an array of {first common byte, id, row}, the first MAX_BLOCKERS in order of that byte, and
-- whether there are more. nil, nil when too many expired rows lie in the way to go on in one script.
--
-- Each stretch yields its ranges in order of their first common byte, so MAX_BLOCKERS + 1 of each are enough, and of all of
-- them together no more are kept.
local function blockers(op)
  local found = {}
  local smb = op.protocol == 's'
  local is_own_world, taken, too_many_dead = true, 0, false
  local function consider(id, row)
    local own = is_own_world and sub(row, TAIL, TAIL + #op.owner - 1) == op.owner
    -- POSIX: an owner never conflicts with itself. SMB: a shared lock goes over one's own exclusive one (rule 3).
    if own and (not smb or op.strength == 'W') then return end
    local first = sub(row, 1, 16)
    found[#found + 1] = { first < op.lo and op.lo or first, id, row }
    taken = taken + 1
  end
  local function visit(id)
    local row = after[id] == nil and current(id)
    if row then consider(id, row) end
    if dead_count > MAX_BURIED then too_many_dead = true end
    return taken > MAX_BLOCKERS or too_many_dead
  end
  -- One more than is told, to know that there are more.
  local function keep_first()
    table.sort(found, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
    for i = #found, MAX_BLOCKERS + 2, -1 do found[i] = nil end
  end
  -- With enough found, only ranges that meet op no later than the last of them matter from then on.
  local last = op.hi
  local function ask(index, from, to, visitor)
    if too_many_dead then return end
    taken = 0
    walk(index, from, to, visitor or visit)
    if #found > MAX_BLOCKERS then
      keep_first()
      last = found[#found][1]
    end
  end
  local function ask_world(world_is_smb)
    is_own_world = world_is_smb == smb
    local index, levels, nodes = index_of(world_is_smb)
    ask(index, 'S' .. op.lo, 'Sg', function(id, member)
      local lo = sub(member, 18, 33)
      return lo > last or (op.shape == 'z' and lo >= op.lo) or visit(id)
    end)
    if op.strength == 'W' then return end
    local alone, stretches = around(levels, nodes, op.lo)
    for i = 1, #alone do visit(alone[i]) end
    for i = 1, #stretches, 2 do
      if #found > MAX_BLOCKERS and last == op.lo then return end
      ask(index, stretches[i], stretches[i + 1])
    end
    if op.shape == 'r' then ask(index, 'W' .. op.lo, 'W' .. last .. 'g') end
  end

  ask_world(smb)
  if smb and op.shape == 'r' then
    ask(SMB_INDEX, 'PS' .. op.lo .. 'g', 'PS' .. last .. 'g')
    if op.strength == 'S' then ask(SMB_INDEX, 'PW' .. op.lo .. 'g', 'PW' .. last .. 'g') end
  end
  -- Across the worlds only common bytes count, and a zero-length lock has none.
  if ENFORCED and op.shape == 'r' then ask_world(not smb) end
  if too_many_dead then return end
  is_own_world, taken = true, 0
  for id, row in pairs(after) do
    if row and (op.strength == 'S' or sub(row, 33, 33) == 'S')
        and overlap(op.shape, op.lo, op.hi, sub(row, 36, 36), sub(row, 1, 16), sub(row, 17, 32)) then
      consider(id, row)
    end
  end
  keep_first()
  local more = #found > MAX_BLOCKERS
  found[MAX_BLOCKERS + 1] = nil
  return found, more
end

-- Live POSIX rows of an owner that overlap or touch [lo,hi], in no particular order: arrays of {id, row}.
local function own_rows(owner, lo, hi)
  local below, above = widened(lo, hi)
  local found = {}
  local members = touching(POSIX_INDEX, 'O' .. owner, lo, hi, '-1')
  for i = 1, #members do
    local id = sub(members[i], -16)
    local row = after[id] == nil and current(id)
    if row then found[#found + 1] = { id, row } end
  end
  for id, row in pairs(after) do
    if row and owner_of(row) == owner and sub(row, 1, 16) <= above and sub(row, 17, 32) >= below then
      found[#found + 1] = { id, row }
    end
  end
  return found
end

-- Takes [lo,hi] out of a row that overlaps it. The left part keeps the id; the right part of a split gets a new one, keeps
-- the token and answers to all earlier names.
local function cut(id, row, lo, hi)
  local row_lo, row_hi = sub(row, 1, 16), sub(row, 17, 32)
  local left, right = rest(row_lo, row_hi, lo, hi)
  if left then change(id, row, with_range(row, row_lo, left)) end
  if right then
    local behind = with_range(row, right, row_hi)
    if left then
      local right_id = draw()
      inherit_tokens(right_id, id, row)
      name('t' .. sub(row, 43, 58), right_id)
      create(right_id, sub(behind, 1, 36) .. '1' .. sub(behind, 38))
    else
      change(id, row, behind)
    end
  end
  if not left and not right then remove(id, row) end
end

-- Frees [lo,hi] of a POSIX owner; answers how many rows that touched.
local function release_range(owner, lo, hi)
  local touched = 0
  local rows = own_rows(owner, lo, hi)
  for i = 1, #rows do
    local id, row = rows[i][1], rows[i][2]
    if sub(row, 1, 16) <= hi and sub(row, 17, 32) >= lo then
      cut(id, row, lo, hi)
      touched = touched + 1
    end
  end
  return touched
end

-- Takes a lock that nobody of another owner stands in the way of; answers the id under which it stands.
local function take_posix(op)
  local lo, hi, merged, keep = op.lo, op.hi, {}, nil
  local kind = op.strength .. op.protocol .. op.lifetime .. op.session
  local rows = own_rows(op.owner, op.lo, op.hi)
  for i = 1, #rows do
    local id, row = rows[i][1], rows[i][2]
    local row_lo, row_hi = sub(row, 1, 16), sub(row, 17, 32)
    if kind_of(row) == kind then
      merged[#merged + 1] = rows[i]
      if row_lo < lo then lo = row_lo end
      if row_hi > hi then hi = row_hi end
      if not keep or id < keep[1] then keep = rows[i] end
    elseif row_lo <= op.hi and row_hi >= op.lo then
      cut(id, row, op.lo, op.hi)
    end
  end
  if not keep then
    local token = draw()
    create(token, new_row(op, lo, hi, '0', token, op.tail .. now_text))
    return token
  end
  local id, row = keep[1], keep[2]
  local tail = sub(row, TAIL)
  if #merged == 1 and sub(row, 1, 32) == lo .. hi and sub(row, 39, 42) == op.modes then
    -- A repeat: the same token; only the lease begins anew.
    change(id, row, new_row(op, lo, hi, sub(row, 37, 37), sub(row, 43, 58), tail))
    return id
  end
  local token = draw()
  for i = 1, #merged do
    local other_id, other = merged[i][1], merged[i][2]
    if other_id ~= id then
      inherit(id, other_id, other)
      remove(other_id, other)
    end
  end
  name('t' .. token, id)
  change(id, row, new_row(op, lo, hi, '1', token, tail))
  return id
end

local function take(op)
  if op.protocol ~= 's' then return take_posix(op) end
  local token = draw()
  create(token, new_row(op, op.lo, op.hi, '0', token, op.tail .. now_text))
  return token
end

-- Whether so many rows of the owner are expired; buries them, so that an owner never has more rows than its limit.
local function enough_expired(classes, owner, index, wanted)
  for k = 1, #classes do
    local lower, upper = '[' .. classes[k] .. owner, '(' .. classes[k] .. owner .. 'g'
    while true do
      local members, ids = call('ZRANGEBYLEX', index, lower, upper, 'LIMIT', '0', 256), {}
      for i = 1, #members do ids[i] = sub(members[i], -16) end
      local rows = #ids > 0 and call('HMGET', ROWS, unpack(ids)) or {}
      for i = 1, #ids do
        if after[ids[i]] == nil and rows[i] and not is_live(rows[i]) then
          bury(ids[i], rows[i])
          wanted = wanted - 1
          if wanted <= 0 then return true end
        end
      end
      if #members < 256 then break end
      lower = '(' .. members[256]
    end
  end
  return false
end

local function has_room(op)
  local more = grown[op.owner] or 0
  if more <= 0 then return true end
  local index = index_of(op.protocol == 's')
  local held = call('ZLEXCOUNT', index, '[O' .. op.owner, '(O' .. op.owner .. 'g')
  if op.protocol == 's' then held = held + call('ZLEXCOUNT', index, '[Q' .. op.owner, '(Q' .. op.owner .. 'g') end
  local surplus = held + more - RANGES_LIMIT
  return surplus <= 0 or enough_expired(op.protocol == 's' and { 'O', 'Q' } or { 'O' }, op.owner, index, surplus)
end

-- Whether the principal of op may have the plan's further rows: a principal holds at most limit grants in the bucket, those that have
-- expired not counted. Nobody is over it while the whole bucket is not, so the entries of the principal are counted only then.
-- Of more than MAX_STEPS expired rows in the bucket it is not asked whose they are, and the answer is yes until they are tidied away.
local function principal_has_room(op, limit)
  if call('HLEN', ROWS) + created <= limit then return true end
  local principal, surplus, more = principal_of(op.owner), -limit, 0
  for owner, by in pairs(grown) do
    if principal_of(owner) == principal then more = more + by end
  end
  if more <= 0 then return true end
  surplus = surplus + more + rows_of(principal)
  if surplus <= 0 then return true end
  local ids = call('ZRANGEBYSCORE', EXPIRY, '-inf', now13, 'LIMIT', '0', format('%d', MAX_STEPS + 1))
  if #ids > MAX_STEPS then return true end
  for from = 1, #ids, 256 do
    local rows = call('HMGET', ROWS, unpack(ids, from, math.min(from + 255, #ids)))
    for i = 1, #rows do
      if rows[i] and principal_of(rows[i], TAIL) == principal then surplus = surplus - 1 end
    end
  end
  return surplus <= 0
end

-- The live lock of an SMB handle with exactly this range that an unlock frees: a strong one first, then the oldest.
local function exact_lock(owner, shape, lo, hi)
  local prefix = shape == 'z' and 'Q' .. owner .. lo or 'O' .. owner .. lo .. hi
  local members = call('ZRANGEBYLEX', SMB_INDEX, '[' .. prefix, '(' .. prefix .. 'g')
  local best_id, best
  for i = 1, #members do
    local id = sub(members[i], -16)
    local row = current(id)
    if row and (not best or (sub(row, 33, 33) == 'S' and sub(best, 33, 33) == 'W')) then best_id, best = id, row end
  end
  return best_id, best
end

local function refusal(found, more)
  local reply = { 'refused', now_text, more and '1' or '0' }
  for i = 1, #found do
    reply[#reply + 1] = found[i][2]
    reply[#reply + 1] = found[i][3]
  end
  return reply
end

-- The parts of an asked POSIX range that its owner did not hold before, as {lo, hi}.
local function gained(op)
  local held, parts, lo = {}, {}, op.lo
  for _, row in pairs(before) do
    if owner_of(row) == op.owner and sub(row, 1, 16) <= op.hi and sub(row, 17, 32) >= op.lo then held[#held + 1] = row end
  end
  table.sort(held)
  for i = 1, #held do
    local row_lo, row_hi = sub(held[i], 1, 16), sub(held[i], 17, 32)
    if row_lo > lo then parts[#parts + 1] = { lo, dec(row_lo) } end
    if row_hi >= op.hi then return parts end
    lo = inc(row_hi)
  end
  parts[#parts + 1] = { lo, op.hi }
  return parts
end

-- What undo.lua needs when nobody could be told of the grants: of each row written its id, range and request, by which it can be
-- told whether anything has touched it since, and the rows replaced, to be put back
-- when that cannot take anything from anybody (nothing was unlocked, nothing strong became weak); else the bytes gained.
local function undo_record(ops, unlocked)
  local weak, strong_before = false, false
  local record = { written = {}, replaced = {}, gained = {}, restorable = false, smb = ops[1].protocol == 's' }
  for i = 1, #ops do
    weak = weak or ops[i].strength == 'W'
    if not record.smb then record.gained[i] = { ops[i].owner, gained(ops[i]) } end
  end
  for id, row in pairs(before) do
    strong_before = strong_before or sub(row, 33, 33) == 'S'
    record.replaced[#record.replaced + 1] = { id, row, stored_names(id, row) }
  end
  for id, row in pairs(after) do
    if row then record.written[#record.written + 1] = id .. sub(row, 1, 32) .. sub(row, 72, 95) end
  end
  record.restorable = not unlocked and not (weak and strong_before)
  return record
end
