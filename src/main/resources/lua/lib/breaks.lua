-- Breaking locks: an administrator ends what others hold, at once or after a notice, and may take it back for a while.
--
-- KEYS.breaks is a hash:
--
--   N<token>   an order to break the lock of this token: when (ms, 13 digits), the id that was named, and its space
--   P<token>   the same time, for a part of that lock with another token: for it to be shown
--   U<id>      a break that can be taken back: until when (ms, 13 digits), w when somebody waited for its bytes, else
--              -, its space, and behind a tab all that it has ended: id, row, a tab, and of an SMB range an open that
--              its handle had; a line feed behind each. Or = and the id that has all that, for another id of the lock
--   R<id>      a lock of this id was broken and restored: the token that is the same number is refused
--
-- KEYS.break_due is a sorted set of these fields by the time (ms, a score) at which a sweep has something to do.
-- @include text (format, sub)
-- @include clock (now)
-- @include limits (BATCH_SIZE)
-- @include rows (shape_of, token_of, id_of, ROWS, ALIASES, fields_of, is_live)
-- @include lookup (find_live)
-- @include waiters (wait_until_of, asked_of, WAITERS, is_waiting)
-- @include walk (walk)
-- @include plan (before, after, owner_of, remove)
-- @include opens (SPACE, opens)
-- @include aliases (stored_aliases)
-- @include conflicts (blockers)
-- @include send (send)
-- @include queue (queued_id_of, QUEUE, queue_prefix, request_of_waiter, with_held_back, is_touched, note_freed)
-- The number of an alias.
-- @column number 2
local breaks = {}
do
  -- The live rows, by id, that answer to a grant: the one that its id leads to, and those that answer to its token, or
  -- to the first that it had: parts that were split off.
  function breaks.rows_of(id, token)
    local rows = {}
    local function add(live_id)
      local row = live_id and call('HGET', ROWS, live_id)
      if row and is_live(row) then rows[live_id] = row end
    end
    add((find_live(id)))
    for _, number in ipairs({ token, id }) do
      add(number)
      local members = call('ZRANGEBYLEX', ALIASES, '[Nt' .. number, '(Nt' .. number .. 'g')
      for i = 1, #members do add(id_of(members[i])) end
    end
    return rows
  end

  -- Takes rows away in the plan; with the last open of a handle its ranges.
  function breaks.take_away(rows)
    for id, row in pairs(rows) do
      if shape_of(row) == 'o' then opens.finish(owner_of(row), { [id] = row }) else remove(id, row) end
    end
  end

  -- Adds to a reply the requests that would be granted without what the plan takes away, in order of arrival: id, ms
  -- left to wait, row. Answers whether there may be more, and whether anybody waits for bytes of it.
  function breaks.add_next(reply, most)
    local hulls, seen, found, more, waits = {}, 0, {}, false, false
    for id, row in pairs(before) do
      if not after[id] then note_freed(row, hulls) end
    end
    for queue, hull in pairs(hulls) do
      local prefix = queue_prefix(queue, 'w')
      walk(QUEUE, prefix, prefix .. 'g', function(_, entry)
        seen = seen + 1
        if seen > BATCH_SIZE then more, waits = true, true end
        if more then return true end
        local id = queued_id_of(entry)
        local waiter = is_touched(entry, hull[1], hull[2]) and call('HGET', WAITERS, id)
        if not is_waiting(waiter) then return end
        waits = true
        local op = request_of_waiter(waiter)
        local others, many = blockers(op)
        -- Behind a grant that is in its way other waiters do not matter.
        if others and #others == 0 then others = with_held_back(others, many, op, id) end
        if others and #others == 0 then found[#found + 1] = { id, waiter } end
        more = not others or #found > most
        return more
      end)
    end
    table.sort(found, function(one, other) return one[1] < other[1] end)
    for i = 1, math.min(#found, most) do
      local n, waiter = #reply, found[i][2]
      reply[n + 1], reply[n + 3] = found[i][1], asked_of(waiter)
      reply[n + 2] = format('%d', math.max(0, tonumber(wait_until_of(waiter)) - now))
    end
    return more, waits
  end

  -- The fields of all orders for a lock, by the tokens that its rows have or answer to.
  function breaks.orders_of(rows)
    local seen, fields = {}, {}
    local function add(number)
      if not seen[number] then
        seen[number] = true
        fields[#fields + 1] = 'N' .. number
        fields[#fields + 1] = 'P' .. number
      end
    end
    if call('HLEN', KEYS.breaks) == 0 then return fields end
    for id, row in pairs(rows) do
      add(id)
      add(token_of(row))
      local aliases = stored_aliases(id, row)
      for i = 1, #aliases do add(number_of(aliases[i])) end
    end
    local stored = {}
    for from = 1, #fields, 1000 do
      local till = math.min(from + 999, #fields)
      local values = call('HMGET', KEYS.breaks, unpack(fields, from, till))
      for i = from, till do
        if values[i - from + 1] then stored[#stored + 1] = fields[i] end
      end
    end
    return stored
  end

  -- Behind keep_clock().
  function breaks.drop(fields)
    send('HDEL', KEYS.breaks, fields)
    send('ZREM', KEYS.break_due, fields)
  end

  -- Puts a field, and the time at which a sweep looks at it, which comes first.
  function breaks.put(at, field, value)
    call('ZADD', KEYS.break_due, at, field)
    call('HSET', KEYS.breaks, field, value)
  end

  -- The space of a row, when it is not the one whose keys this script has; else nil.
  function breaks.other_space_of(row)
    local _, _, _, _, space = fields_of(row)
    return space ~= SPACE and space or nil
  end
end
