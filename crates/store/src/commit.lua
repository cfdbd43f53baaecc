-- Writes the roll call of one channel, unless what is kept is newer or is not what the collector compared with.
-- KEYS  1 view  2 ledger  3 history
-- ARGV  1 taken_at (ms)        2 the collector's clock now (ms)   3 time to live of the views (s)
--       4 counts view          5 members view                     6 time to live of the rest (s)
--       7 head that was read, '' for none                         8 next head   9 next users
--       10 present             11 what is to be announced, a line for each event; '' for nothing
--       12 '1' where there is somebody to announce to
-- Answers with a list: 'committed', 'overwritten' (what was kept came from a broken clock), 'superseded' or 'changed';
-- behind one of the first two the number of events that were dropped, then the earlier roll calls with events to announce.
local view, ledger, history = KEYS[1], KEYS[2], KEYS[3]
local taken_at, now = tonumber(ARGV[1]), tonumber(ARGV[2])

-- What is of another type was not written here; it would stop the script in the middle, so it goes. (A view that is none is
-- left to whoever put it there: the first line that reads or writes it fails.)
local function read(key, ...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    redis.call('DEL', key)
    return nil
  end
  return answer
end
local before = read(ledger, 'HMGET', ledger, 'taken_at', 'head', 'outbox') or {}

local kept = tonumber(before[1] or redis.call('HGET', view, 'taken_at') or '')
local from_the_future = kept and kept > now + 10000
local head = before[2] or ''
local same = kept == taken_at and head == ARGV[8] and redis.call('HGET', view, 'members') == ARGV[5]
  and redis.call('HGET', ledger, 'users') == ARGV[9]
if kept and kept >= taken_at and not from_the_future and not same then
  return {'superseded'}
end
if head ~= ARGV[7] and not same then
  return {'changed'}
end

-- The outbox: a field for each roll call with events that nobody took yet, and the list of these roll calls, oldest first.
-- It holds them for a day at most, and a megabyte of them; then whole roll calls are dropped, the oldest first.
local OUTBOX_BYTES, DAY = 1048576, 86400000
local waiting, sizes, bytes, dropped = {}, {}, 0, 0
for roll_call in string.gmatch(before[3] or '', '%d+') do
  local size = redis.call('HSTRLEN', ledger, '#' .. roll_call)
  -- Nothing is left of one whose events were taken.
  if size > 0 and roll_call ~= ARGV[1] then
    table.insert(waiting, roll_call)
    sizes[roll_call] = size
    bytes = bytes + size
  end
end
local outbox = {}
for _, roll_call in ipairs(waiting) do
  local field = '#' .. roll_call
  if ARGV[12] ~= '1' then
    redis.call('HDEL', ledger, field)
  elseif bytes > OUTBOX_BYTES or math.abs(taken_at - tonumber(roll_call)) > DAY then
    local _, line_ends = string.gsub(redis.call('HGET', ledger, field), '\n', '')
    dropped = dropped + line_ends + 1
    bytes = bytes - sizes[roll_call]
    redis.call('HDEL', ledger, field)
  else
    table.insert(outbox, roll_call)
  end
end

local answer = {from_the_future and 'overwritten' or 'committed', dropped}
for _, roll_call in ipairs(outbox) do
  table.insert(answer, roll_call)
end
-- The very same: this is the repetition of a commit whose answer was lost on the way.
if same then
  return answer
end

redis.call('HSET', view, 'taken_at', ARGV[1], 'counts', ARGV[4], 'members', ARGV[5])
redis.call('EXPIRE', view, ARGV[3])
redis.call('HSET', ledger, 'taken_at', ARGV[1], 'head', ARGV[8], 'users', ARGV[9])
if ARGV[11] ~= '' then
  redis.call('HSET', ledger, '#' .. ARGV[1], ARGV[11])
  table.insert(outbox, ARGV[1])
end
if #outbox > 0 then
  redis.call('HSET', ledger, 'outbox', table.concat(outbox, ','))
elseif before[3] then
  redis.call('HDEL', ledger, 'outbox')
end
redis.call('EXPIRE', ledger, ARGV[6])

-- The history is a ring of 1,440 minutes; a minute's slot holds present + 1, 0 for none. Before it stand its form, the
-- number of the last minute, and that of the minute with which the ring began: a channel that is young has a short one.
local FORM, MINUTES, BYTES, RING = '\2', 1440, 4, 9
local minute = math.floor(taken_at / 60000)
local start = read(history, 'GETRANGE', history, 0, RING - 1) or ''
local last, first
if #start == RING and start:sub(1, 1) == FORM then
  last, first = struct.unpack('>I4I4', start:sub(2))
end
if not last or math.abs(last - minute) >= MINUTES or minute < first then
  -- None, one of another form, one that is over, or one that a broken clock began in the future.
  if #start > 0 then
    redis.call('DEL', history)
  end
  last, first = minute - 1, minute
end
local function place(of)
  return RING + (of - first) % MINUTES * BYTES
end
-- Minutes without a roll call, or from the future, hold none.
for none = math.min(last, minute) + 1, math.max(last, minute) do
  if none ~= minute then
    redis.call('SETRANGE', history, place(none), '\0\0\0\0')
  end
end
local slot = place(minute)
local value = math.min(tonumber(ARGV[10]), 4294967294) + 1
if minute <= last then
  local counted = redis.call('GETRANGE', history, slot, slot + BYTES - 1)
  if #counted == BYTES then
    value = math.max(value, (struct.unpack('>I4', counted)))
  end
end
if minute ~= last then
  redis.call('SETRANGE', history, 0, FORM .. struct.pack('>I4I4', minute, first))
end
redis.call('SETRANGE', history, slot, struct.pack('>I4', value))
redis.call('EXPIRE', history, ARGV[6])
return answer
