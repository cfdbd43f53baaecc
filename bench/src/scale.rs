//! What a minute costs: the arithmetic of `docs/SCALE.md`, held against counted roll calls by the collector's tests.
//!
//! The constants are of a crowd with a name and an avatar each, and one tab.

pub mod tables;

/// Channels asked for in one call, and views published in one.
const ASKED_AT_ONCE: u64 = 250;
const PUBLISHED_AT_ONCE: u64 = 100;
/// `SHARD_CLIENTS`, as by default.
const SHARD_CLIENTS: u64 = 250_000;
/// Names of the list of channels that are read, or asked for, by one command.
const SCANNED_AT_ONCE: u64 = 10_000;
const NAMES_AT_ONCE: u64 = 1000;
/// Members in a view, as by default.
const LISTED_MAX: u64 = 50;
/// Most bytes of an answer: three eighths of the memory of a function, and at most this.
const ANSWER_MAX: u64 = 256 * 1024 * 1024;

/// Bytes of a presence answer: of a client, and of a channel without any.
const CLIENT: u64 = 196;
const REPLY: u64 = 35;
/// Bytes of a counts view, of a members view without members, and of a member.
const COUNTS: u64 = 305;
const MEMBERS: u64 = 337;
const MEMBER: u64 = 136;
/// What stands around a publication on its way to a viewer.
const PUSH: u64 = 80;
/// Bytes to and from Redis for a channel, beside views and ledger.
const TO_REDIS: u64 = 465;
const FROM_REDIS: u64 = 140;
/// Bytes of a name in the list of channels, its moment included.
const NAME: u64 = 40;
/// Bytes that Redis holds for a channel beside views and users: keys, history, head, its name in the list.
const KEPT: u64 = 650;
/// Microseconds of Redis for a commit, and for one ECPU: AWS publishes no formula, but that a command costs the more of its
/// time and its kilobytes; its own estimator takes 3 µs for one.
const COMMIT_US: f64 = 17.0;
const ECPU_US: f64 = 3.0;

/// Seconds of a shard: of its beginning and its end, of a channel and of a client; and of CPU, of which a function of 256 MB has
/// a seventh.
const SHARD_SECONDS: f64 = 0.1;
const CHANNEL_SECONDS: f64 = 120e-6;
const CLIENT_SECONDS: f64 = 1e-6;
const CHANNEL_CPU: f64 = 9e-6;
const CLIENT_CPU: f64 = 0.9e-6;
/// MB with which a function has a whole core.
const CORE: f64 = 1769.0;

/// Minutes in a month, and dollars in us-east-1: a GB-second on arm64, an invocation, 64 KB of an event, an ECPU, a
/// GB-month of a cache, a GB of log.
const MINUTES: f64 = 43_800.0;
const GB_SECOND: f64 = 0.000_013_333_4;
const INVOCATION: f64 = 0.2e-6;
const EVENT: f64 = 1e-6;
const ECPU: f64 = 0.0023e-6;
const CACHE_GB: f64 = 0.084 * 730.0;
const LOG_GB: f64 = 0.50;
/// Bytes of log of an invocation.
const LOG: f64 = 2000.0;

/// People, spread evenly over channels that a glob finds; each sees the list of their channel.
#[derive(Debug, Clone, Copy)]
pub struct Crowd {
    /// One tab each.
    pub people: u64,
    /// None is empty.
    pub channels: u64,
    /// `SHARD_CHANNELS`.
    pub shard_channels: u64,
}

/// What one roll call a minute takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Of the collector: one, and one for each shard.
    pub invocations: u64,
    /// HTTP requests to Centrifugo.
    pub requests: u64,
    /// Bytes of its presence answers.
    pub answer_bytes: u64,
    /// Commands that are sent to Redis, those inside a script not counted.
    pub commands: u64,
    /// Bytes to Redis.
    pub to_redis: u64,
    /// Bytes from Redis.
    pub from_redis: u64,
    /// What ElastiCache Serverless makes of that.
    pub ecpu: f64,
    /// Of all invocations together.
    pub lambda_seconds: f64,
    /// MB of a function.
    pub memory: u64,
    /// Bytes that viewers get over their sockets.
    pub viewer_bytes: u64,
    /// Bytes that Redis holds.
    pub kept_bytes: u64,
    /// For a month of such minutes, Centrifugo and page loads not counted.
    pub dollars: f64,
}

impl Crowd {
    /// With shards as by default.
    pub fn new(people: u64, channels: u64) -> Self {
        Self { people, channels, shard_channels: 5000 }
    }

    /// `None` where one channel is more than can be asked for.
    pub fn minute(self) -> Option<Minute> {
        let Self { people, channels, shard_channels } = self;
        let in_channel = people.div_ceil(channels);
        if in_channel * CLIENT > ANSWER_MAX {
            return None;
        }
        let is_divided = channels > shard_channels || (channels > 1 && people > SHARD_CLIENTS);
        let shards = if is_divided {
            // One channel is never divided.
            let most = (SHARD_CLIENTS / in_channel).clamp(1, shard_channels);
            channels.div_ceil(most)
        } else {
            1
        };
        let in_shard = channels.div_ceil(shards);
        let publications = |n: u64| {
            let (whole, rest) = (n / ASKED_AT_ONCE, n % ASKED_AT_ONCE);
            whole * ASKED_AT_ONCE.div_ceil(PUBLISHED_AT_ONCE) + rest.div_ceil(PUBLISHED_AT_ONCE)
        };
        let requests = 1 + shards * (in_shard.div_ceil(ASKED_AT_ONCE) + publications(in_shard));
        let views = COUNTS + view(in_channel);
        let commit = TO_REDIS + views + ledger(in_channel);
        let kilobytes = |bytes: u64| (bytes as f64 / 1024.0).max(1.0);
        let of_channel =
            kilobytes(ledger(in_channel) + FROM_REDIS) + kilobytes(commit).max(COMMIT_US / ECPU_US);
        let invocations = if is_divided { 1 + shards } else { 1 };
        let memory = memory(in_channel, channels);
        let seconds = |channels: u64, people: u64| {
            let (channels, people) = (channels as f64, people as f64);
            let wall = CHANNEL_SECONDS * channels + CLIENT_SECONDS * people;
            let cpu = CHANNEL_CPU * channels + CLIENT_CPU * people;
            SHARD_SECONDS + wall.max(cpu * (CORE / memory as f64).max(1.0))
        };
        let of_shards =
            if is_divided { shards * (3 + in_shard.div_ceil(NAMES_AT_ONCE)) } else { 0 };
        let of_list = channels.div_ceil(SCANNED_AT_ONCE) + of_shards;
        // The planner reads and divides the list.
        let planning = if is_divided { 0.5 + 7e-6 * channels as f64 } else { 0.0 };
        let lambda_seconds = planning + shards as f64 * seconds(in_shard, in_shard * in_channel);
        let ecpu = channels as f64 * of_channel + (channels * NAME) as f64 / 1024.0;
        let kept_bytes = channels * (KEPT + views + ledger(in_channel));
        let events = if is_divided { shards * (in_shard * 15).div_ceil(64 * 1024) } else { 0 };
        let a_minute = lambda_seconds * memory as f64 / 1024.0 * GB_SECOND
            + invocations as f64 * (INVOCATION + LOG / 1e9 * LOG_GB)
            + events as f64 * EVENT
            + ecpu * ECPU;
        Some(Minute {
            invocations,
            requests,
            answer_bytes: channels * REPLY + people * CLIENT,
            commands: 2 * channels + of_list + 1,
            to_redis: channels * commit,
            from_redis: channels * (FROM_REDIS + ledger(in_channel) + NAME),
            ecpu,
            lambda_seconds,
            memory,
            viewer_bytes: people * (view(in_channel) + PUSH),
            kept_bytes,
            dollars: MINUTES * a_minute + (kept_bytes as f64 / 1e9).max(0.1) * CACHE_GB,
        })
    }
}

/// Bytes of a members view.
fn view(people: u64) -> u64 {
    MEMBERS + MEMBER * people.min(LISTED_MAX)
}

/// Bytes of the users of a ledger: what many have in common is there once.
fn ledger(people: u64) -> u64 {
    (94 * people).min(1200 + 26 * people)
}

/// Memory of a function that holds the answer of such a channel, or the list of so many.
fn memory(in_channel: u64, channels: u64) -> u64 {
    // A third more than was measured, as in PERFORMANCE.md: 391 MB for a million clients, 231 MB for a million channels.
    let needed =
        (15.0 + 390e-6 * in_channel as f64).max(15.0 + 220e-6 * channels as f64) * 4.0 / 3.0;
    [256, 512, 1024, 2048].into_iter().find(|size| *size as f64 >= needed).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_channels_are_two_hundred_shards() {
        let minute = Crowd::new(1_000_000, 1_000_000).minute().unwrap();
        assert_eq!(minute.invocations, 201);
        assert_eq!(minute.requests, 1 + 200 * (20 + 60));
        let one = Crowd::new(1_000_000, 1).minute().unwrap();
        assert_eq!((one.invocations, one.requests), (1, 3), "one channel is never divided");
        let full = Crowd::new(1_000_000, 1000).minute().unwrap();
        assert_eq!(full.invocations, 1 + 4, "by its clients");
        assert!(Crowd::new(10_000_000, 1).minute().is_none());
    }
}
