-- Writes the roll call of one channel, unless what is kept is newer or is not what the collector compared with.
-- KEYS  1 view  2 ledger  3 history
-- ARGV  1 taken_at (ms)        2 the collector's clock now (ms)   3 time to live of the views (s)
--       4 counts view          5 members view                     6 time to live of the rest (s)
--       7 head that was read, '' for none                         8 next head   9 next users
--       10 present             11... the outbox's additions: id, detail, id, detail, ...
-- Answers 'committed', 'overwritten' (what was kept came from a broken clock), 'superseded' or 'changed'.
local view, ledger, history = KEYS[1], KEYS[2], KEYS[3]
local taken_at, now = tonumber(ARGV[1]), tonumber(ARGV[2])

local kept = tonumber(redis.call('HGET', ledger, 'taken_at') or redis.call('HGET', view, 'taken_at') or '')
local from_the_future = kept and kept > now + 10000
local head = redis.call('HGET', ledger, 'head') or ''
if kept and kept >= taken_at and not from_the_future then
  -- The very same: this is the repetition of a commit whose answer was lost on the way.
  local same = kept == taken_at and head == ARGV[8] and redis.call('HGET', view, 'members') == ARGV[5]
  return same and 'committed' or 'superseded'
end
if head ~= ARGV[7] then
  return 'changed'
end

redis.call('HSET', view, 'taken_at', ARGV[1], 'counts', ARGV[4], 'members', ARGV[5])
redis.call('EXPIRE', view, ARGV[3])
redis.call('HSET', ledger, 'taken_at', ARGV[1], 'head', ARGV[8], 'users', ARGV[9])
for i = 11, #ARGV, 2 do
  redis.call('HSET', ledger, '#' .. ARGV[i], ARGV[i + 1])
end
redis.call('EXPIRE', ledger, ARGV[6])

-- The history is a ring of 1,440 minutes behind the number of the last one: a minute's slot holds present + 1, 0 for none.
local MINUTES, BYTES = 1440, 4
local minute = math.floor(taken_at / 60000)
local function forget(from, to)
  for forgotten = math.max(from, to - MINUTES + 1), to do
    redis.call('SETRANGE', history, BYTES + forgotten % MINUTES * BYTES, '\0\0\0\0')
  end
end
local slot = BYTES + minute % MINUTES * BYTES
local value = math.min(tonumber(ARGV[10]), 4294967294) + 1
local last = redis.call('GETRANGE', history, 0, BYTES - 1)
if #last == BYTES then
  last = struct.unpack('>I4', last)
  if last < minute then
    forget(last + 1, minute)
  elseif last > minute then
    forget(minute + 1, last)
  end
  if math.abs(last - minute) < MINUTES then
    local before = redis.call('GETRANGE', history, slot, slot + BYTES - 1)
    value = math.max(value, #before == BYTES and struct.unpack('>I4', before) or 0)
  end
end
redis.call('SETRANGE', history, 0, struct.pack('>I4', minute))
redis.call('SETRANGE', history, slot, struct.pack('>I4', value))
redis.call('EXPIRE', history, ARGV[6])
return from_the_future and 'overwritten' or 'committed'
