-- Writes the roll call of one channel, unless what is kept is newer or is not what the collector compared with.
-- KEYS  1 view  2 ledger  3 history
-- ARGV  1 taken_at (ms)        2 the collector's clock now (ms)   3 time to live of the views (s)
--       4 counts view          5 members view                     6 time to live of the rest (s)
--       7 head that was read, '' for none                         8 next head   9 next users
--       10 present + 1, 32 bits, the highest first                11 what is to be announced, a line for each event
--       12 '1' where there is somebody to announce to             13 '1' where the channel is about to be forgotten
-- Answers with a list: 'committed', 'overwritten' (what was kept came from a broken clock), 'superseded' or 'changed';
-- behind one of the first two the number of events that were dropped, then the earlier roll calls with events to announce.
-- Thousands of channels are committed in a second, and calls and closures are what takes Redis the time: the common way is
-- straight, and what is rare stands aside.
local view, ledger, history = KEYS[1], KEYS[2], KEYS[3]
local call = redis.call
local taken_at, now = tonumber(ARGV[1]), tonumber(ARGV[2])

-- What is of another type was not written here; it would stop the script in the middle, so it goes. (A view that is none is
-- left to whoever put it there: the first line that reads or writes it fails.)
local before = redis.pcall('HMGET', ledger, 'taken_at', 'head', 'outbox')
if before.err then
  call('DEL', ledger)
  before = {}
end

-- Behind the ledger's moment stands the minute with which the history began.
local kept, first = string.match(before[1] or call('HGET', view, 'taken_at') or '', '^(%d+) ?(%d*)')
kept, first = tonumber(kept or ''), tonumber(first or '')
local from_the_future = kept and kept > now + 10000
local head = before[2] or ''
local same = kept == taken_at and head == ARGV[8] and call('HGET', view, 'members') == ARGV[5]
  and call('HGET', ledger, 'users') == ARGV[9]
if kept and kept >= taken_at and not from_the_future and not same then
  return {'superseded'}
end
if head ~= ARGV[7] and not same then
  return {'changed'}
end
local answer = {from_the_future and 'overwritten' or 'committed', 0}

-- The outbox: a field for each roll call with events that nobody took yet, and the list of these roll calls, oldest first.
-- It holds them for a day at most, and a megabyte of them; then whole roll calls are dropped, the oldest first.
local outbox = {}
if before[3] then
  local OUTBOX_BYTES, DAY = 1048576, 86400000
  local waiting, sizes, bytes = {}, {}, 0
  for roll_call in string.gmatch(before[3], '%d+') do
    local size = call('HSTRLEN', ledger, '#' .. roll_call)
    -- Nothing is left of one whose events were taken.
    if size > 0 and roll_call ~= ARGV[1] then
      table.insert(waiting, roll_call)
      sizes[roll_call] = size
      bytes = bytes + size
    end
  end
  for _, roll_call in ipairs(waiting) do
    local field = '#' .. roll_call
    if ARGV[12] ~= '1' then
      call('HDEL', ledger, field)
    elseif bytes > OUTBOX_BYTES or math.abs(taken_at - tonumber(roll_call)) > DAY then
      local _, line_ends = string.gsub(call('HGET', ledger, field), '\n', '')
      answer[2] = answer[2] + line_ends + 1
      bytes = bytes - sizes[roll_call]
      call('HDEL', ledger, field)
    else
      table.insert(outbox, roll_call)
      table.insert(answer, roll_call)
    end
  end
end
-- The very same: this is the repetition of a commit whose answer was lost on the way.
if same then
  return answer
end

call('HSET', view, 'taken_at', ARGV[1], 'counts', ARGV[4], 'members', ARGV[5])
call('EXPIRE', view, ARGV[3])
if ARGV[11] ~= '' then
  call('HSET', ledger, '#' .. ARGV[1], ARGV[11])
  table.insert(outbox, ARGV[1])
end
if #outbox > 0 then
  call('HSET', ledger, 'outbox', table.concat(outbox, ','))
elseif before[3] then
  call('HDEL', ledger, 'outbox')
end

-- The history is a ring of 1,440 minutes; a minute's slot holds present + 1, 0 for none. Before it stand its form, the
-- number of the last minute, and that of the minute with which the ring began: a channel that is young has a short one.
-- The ledger knows the latter as well, so that next to no roll call has to read any of it.
local FORM, MINUTES, BYTES, RING = '\2', 1440, 4, 9
local minute, last = math.floor(taken_at / 60000), math.floor((kept or 0) / 60000)
local value = ARGV[10]
local goes_on = first and (minute == last or minute == last + 1)
if not goes_on then
  local start = redis.pcall('GETRANGE', history, 0, RING - 1)
  first = nil
  if #start == RING and start:sub(1, 1) == FORM then
    last, first = struct.unpack('>I4I4', start:sub(2))
  end
  if not first or math.abs(last - minute) >= MINUTES or minute < first then
    -- None, one of another form or type, one that is over, or one that a broken clock began in the future.
    call('DEL', history)
    last, first = minute - 1, minute
  end
  -- Minutes without a roll call, or from the future, hold none.
  for none = math.min(last, minute) + 1, math.max(last, minute) do
    if none ~= minute then
      call('SETRANGE', history, RING + (none - first) % MINUTES * BYTES, '\0\0\0\0')
    end
  end
end
local slot = RING + (minute - first) % MINUTES * BYTES
if minute <= last then
  local counted = redis.pcall('GETRANGE', history, slot, slot + BYTES - 1)
  if #counted == BYTES and struct.unpack('>I4', counted) > struct.unpack('>I4', value) then
    value = counted
  end
end
if minute ~= last then
  redis.pcall('SETRANGE', history, 0, FORM .. struct.pack('>I4I4', minute, first))
end
if type(redis.pcall('SETRANGE', history, slot, value)) ~= 'number' then
  -- It became something else since the last roll call.
  call('SET', history, FORM .. struct.pack('>I4I4', minute, minute) .. value)
  first, goes_on = minute, false
end

call('HSET', ledger, 'taken_at', ARGV[1] .. ' ' .. first, 'head', ARGV[8], 'users', ARGV[9])

-- What is kept for a month is kept for an hour less as well: two commands less at nearly every roll call.
local HOUR = 3600000
if not goes_on or math.floor(kept / HOUR) ~= math.floor(taken_at / HOUR) or ARGV[13] == '1' then
  call('EXPIRE', ledger, ARGV[6])
  call('EXPIRE', history, ARGV[6])
end
return answer
