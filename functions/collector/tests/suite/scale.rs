//! What a roll call asks and moves is what the arithmetic of `docs/SCALE.md` says.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bench::scale::{Crowd, Minute};
use futures_util::future::{BoxFuture, FutureExt as _};
use harness::{Fault, FaultProxy, Visitor};
use roll_call::{Collector, Shard, ShardBus, Verdicts};
use serde_json::{Value, json};

use crate::stage::{Stage, T0, WITHIN};

const MINUTE: u64 = 60_000;

/// Keeps the shards.
#[derive(Clone, Default)]
struct Bus(Arc<Mutex<Vec<Value>>>);

impl ShardBus for Bus {
    fn call_length(&self, shards: &[String]) -> usize {
        shards.len()
    }

    fn hand_out<'a>(&'a self, shards: &'a [String]) -> BoxFuture<'a, Result<Verdicts, String>> {
        let details = shards.iter().map(|shard| serde_json::from_str(shard).unwrap());
        self.0.lock().unwrap().extend(details);
        let verdicts = shards.iter().map(|_| Ok(())).collect();
        async { Ok(verdicts) }.boxed()
    }
}

/// Takes a roll call, whatever shards it hands out included.
async fn take(collector: &Collector, bus: &Bus, at: u64) {
    let (report, error) = collector.roll_call(at, WITHIN).await;
    assert!(error.is_none() && report.failed.is_empty(), "{error:?} {report:?}");
    let shards = std::mem::take(&mut *bus.0.lock().unwrap());
    for shard in shards {
        let (report, error) = collector.shard(&Shard::read(&shard).unwrap(), WITHIN).await;
        assert!(error.is_none() && report.failed.is_empty(), "{error:?} {report:?}");
    }
}

/// Calls of each command, and bytes in and out, since Redis was started.
async fn counters(stage: &Stage) -> BTreeMap<String, u64> {
    let info: String = stage.redis.command(&["INFO", "everything"]).await.unwrap();
    let pairs = info.lines().filter_map(|line| line.trim().split_once(':'));
    let counters = pairs.filter_map(|(name, value)| {
        let value = value.strip_prefix("calls=").unwrap_or(value).split(',').next()?;
        Some((name.to_owned(), value.parse().ok()?))
    });
    counters.collect()
}

fn assert_about(what: &str, counted: u64, expected: u64, part: RangeInclusive<f64>) {
    let ratio = counted as f64 / expected as f64;
    assert!(part.contains(&ratio), "{what}: {counted}, by arithmetic {expected}");
}

#[tokio::test]
async fn what_a_roll_call_takes_is_what_the_arithmetic_says() {
    for (people, channels, shard_channels) in
        [(10, 1, 5000), (400, 1, 5000), (300, 300, 5000), (400, 200, 5000), (300, 300, 100)]
    {
        let crowd = Crowd { people, channels, shard_channels };
        let Minute { requests, answer_bytes, commands, to_redis, from_redis, viewer_bytes, .. } =
            crowd.minute().unwrap();
        let mut stage = Stage::watching("room:*").await;
        stage.set("SHARD_CHANNELS", &shard_channels.to_string());
        let proxy = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
        stage.set("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", proxy.port()));
        let mut visitors: Vec<Visitor> = Vec::new();
        for number in 0..people {
            let (user, room) = (format!("user-{number}"), format!("room:{:07}", number % channels));
            let avatar = format!("https://example.com/avatars/{number}.png");
            let info = json!({"name": format!("Visitor number {number}"), "avatar": avatar});
            visitors.push(stage.user(&user, info, &[&room]).await);
        }
        let bus = Bus::default();
        take(&stage.quiet_collector(|| T0).handing_out(bus.clone()), &bus, T0).await;

        let at = T0 + MINUTE;
        let collector = stage.quiet_collector(move || at).handing_out(bus.clone());
        proxy.strike_whenever("POST /api", Fault::Slow(Duration::ZERO));
        // What asking for the counters takes itself.
        let (once, before) = (counters(&stage).await, counters(&stage).await);
        take(&collector, &bus, at).await;
        let after = counters(&stage).await;
        let counted = |name: &str| {
            let of = |counters: &BTreeMap<String, u64>| counters.get(name).copied().unwrap_or(0);
            of(&after) - of(&before) - (of(&before) - of(&once))
        };
        assert_eq!(proxy.strikes() as u64, requests, "{crowd:?}");
        let calls = |name: &str| counted(&format!("cmdstat_{name}"));
        // The script of a commit has an HMGET and an EXPIRE of its own.
        let commits = calls("evalsha");
        let sent = commits
            + calls("hscan")
            + calls("hget")
            + calls("exists")
            + calls("hmget")
            + calls("expire")
            - 2 * commits;
        assert_about("commands", sent, commands, 0.98..=1.02);
        assert_about("to Redis", counted("total_net_input_bytes"), to_redis, 0.85..=1.15);
        assert_about("from Redis", counted("total_net_output_bytes"), from_redis, 0.75..=1.25);

        let mut n_answered = 0;
        let mut n_viewed = 0;
        for channel in 0..channels {
            let room = format!("room:{channel:07}");
            let asked = json!({"commands": [{"presence": {"channel": room}}]});
            n_answered +=
                stage.centrifugo.api("batch", &asked).await.unwrap().to_string().len() as u64;
            let view = stage.members(&room).await.unwrap();
            n_viewed += view.to_string().len() as u64 * view["present"].as_u64().unwrap();
        }
        assert_about("answers", n_answered, answer_bytes, 0.9..=1.1);
        assert_about("to viewers", n_viewed, viewer_bytes, 0.8..=1.0);
    }
}
