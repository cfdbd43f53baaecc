-- Writes the roll call of one channel, unless what is kept is newer.
-- KEYS  1 view
-- ARGV  1 taken_at (ms)  2 the collector's clock now (ms)  3 time to live (s)  4 counts view  5 members view
-- Answers 'committed', 'superseded', or 'overwritten' where the kept roll call was from a broken clock.
local taken_at, now = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = tonumber(redis.call('HGET', KEYS[1], 'taken_at') or '')
local from_the_future = kept and kept > now + 10000
if kept and kept >= taken_at and not from_the_future then
  local same = kept == taken_at
    and redis.call('HGET', KEYS[1], 'counts') == ARGV[4]
    and redis.call('HGET', KEYS[1], 'members') == ARGV[5]
  -- The very same: this is the repetition of a commit whose answer was lost on the way.
  return same and 'committed' or 'superseded'
end
redis.call('HSET', KEYS[1], 'taken_at', ARGV[1], 'counts', ARGV[4], 'members', ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return from_the_future and 'overwritten' or 'committed'
