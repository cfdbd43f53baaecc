//! Roll calls that are too big for one invocation: one plans, others take the shards that moto's EventBridge hands out.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use harness::{
    Answer, Answered, Canned, Fault, FaultProxy, Moto, Queue, Sandbox, Visitor, aws_at, told_under,
};
use roll_call::{RollCallReport, Shard};
use serde_json::{Value, json};

use crate::stage::{Stage, T0, WITHIN};

const MINUTE: u64 = 60_000;
/// Centrifugo lets a client into 128 channels.
const ROOMS: usize = 110;

/// A stage that hands out shards of a hundred channels, with the queue behind the bus.
struct Divided {
    stage: Stage,
    shards: Queue<'static>,
}

impl Divided {
    async fn watching(channels: &str) -> Self {
        let moto = Moto::shared().await.unwrap();
        let shards = moto.bus_with_queue().await.unwrap();
        let mut stage = Stage::watching(channels).await;
        for (name, value) in [
            ("SHARD_BUS_NAME", shards.bus()),
            ("SHARD_CHANNELS", "100"),
            ("STACK_NAME", "presence"),
        ] {
            stage.set(name, value);
        }
        for (name, value) in aws_at(&moto.url()) {
            stage.set(name, &value);
        }
        Self { stage, shards }
    }

    /// The same, which announces what changes; with the queue of events.
    async fn announcing(channels: &str) -> (Self, Queue<'static>) {
        let mut divided = Self::watching(channels).await;
        let events = Moto::shared().await.unwrap().bus_with_queue().await.unwrap();
        divided.stage.set("EVENT_BUS_NAME", events.bus());
        (divided, events)
    }

    /// Somebody comes to these rooms.
    async fn come(&self, user: &str, rooms: Range<usize>) -> Visitor {
        let rooms: Vec<String> = rooms.map(|n| format!("room:{n}")).collect();
        let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
        self.stage.user(user, json!({"name": user}), &rooms).await
    }

    /// Ann and bo come to 220 rooms, which are three shards.
    async fn crowd(&self) -> [Visitor; 2] {
        [self.come("ann", 0..ROOMS).await, self.come("bo", ROOMS..2 * ROOMS).await]
    }

    /// A roll call at that moment, and the shards that it hands out, as EventBridge delivers them.
    async fn plan(&self, at: u64) -> (RollCallReport, Vec<Value>) {
        let report = self.stage.roll_call(at).await.unwrap();
        let mut events = self.shards.take().await.unwrap();
        events.sort_by_key(|event| event["detail"]["shard"].as_u64());
        (report, events)
    }

    /// A shard, taken at that moment by a collector of its own.
    async fn take(&self, event: &Value, at: u64) -> RollCallReport {
        let shard = Shard::read(&event["detail"]).unwrap();
        let (report, error) = self.stage.collector(move || at).shard(&shard, WITHIN).await;
        assert!(error.is_none(), "{error:?}");
        report
    }

    /// Shards, all at once; the sum of a number of their reports.
    async fn take_all(&self, events: &[Value], at: u64) -> Vec<RollCallReport> {
        join_all(events.iter().map(|event| self.take(event, at))).await
    }

    /// A plan whose shards are all taken a second later; the users who joined and left by them.
    async fn roll_call(&self, at: u64) -> (usize, usize) {
        let (report, shards) = self.plan(at).await;
        let taken = self.take_all(&shards, at + 1000).await;
        let failed: Vec<_> = taken.iter().flat_map(|report| &report.failed).collect();
        assert!(failed.is_empty() && report.failed.is_empty(), "{failed:?} {report:?}");
        let joined = taken.iter().map(|report| report.joined).sum::<usize>() + report.joined;
        (joined, taken.iter().map(|report| report.left).sum::<usize>() + report.left)
    }

    async fn remembered(&self) -> BTreeSet<String> {
        self.stage.redis.command(&["HKEYS", "rollcall:channels"]).await.unwrap()
    }
}

fn committed(reports: &[RollCallReport]) -> usize {
    reports.iter().map(|report| report.committed).sum()
}

#[tokio::test]
async fn shards_go_through_the_bus_to_several_collectors_and_each_channel_is_taken_once() {
    let divided = Divided::watching("site:main,room:*").await;
    let _visitors = divided.crowd().await;
    let (report, shards) = divided.plan(T0).await;
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({"taken_at": T0, "watched": 221, "shards": 3, "handed_out": 221, "committed": 0, "superseded": 0,
            "failed": [], "joined": 0, "left": 0, "published": 0, "announced": 0, "dropped": 0})
    );
    let mut channels = BTreeSet::new();
    for (number, event) in shards.iter().enumerate() {
        assert_eq!(event["source"], "rollcall.shards");
        assert_eq!(event["detail-type"], "Shard Due");
        let detail = &event["detail"];
        let told = detail["channels"].as_array().unwrap();
        assert!(told.len() <= 100);
        channels.extend(told.iter().map(|name| name.as_str().unwrap().to_owned()));
        let mut rest = detail.clone();
        rest.as_object_mut().unwrap().remove("channels");
        assert_eq!(
            rest,
            json!({"v": 1, "stack": "presence", "taken_at": T0, "shard": number, "shards": 3, "baseline": true})
        );
    }
    assert_eq!(channels.len(), 221);
    assert_eq!(
        shards[0]["detail"]["channels"][0], "site:main",
        "what is watched by name comes first"
    );

    let taken = divided.take_all(&shards, T0 + 5000).await;
    assert_eq!(committed(&taken), 221);
    assert!(taken.iter().all(|report| report.taken_at == T0 && report.shards.is_none()));
    let view = divided.stage.members("room:219").await.unwrap();
    assert_eq!((&view["taken_at"], &view["members"][0]["id"]), (&json!(T0), &json!("bo")));
    assert_eq!(divided.remembered().await.len(), 222, "with the field that an empty list has");
}

#[tokio::test]
async fn the_first_roll_call_ever_is_a_baseline_in_all_its_shards() {
    let (divided, events) = Divided::announcing("room:*").await;
    let _visitors = divided.crowd().await;
    assert_eq!(divided.roll_call(T0).await, (0, 0));
    let _cy = divided.come("cy", 220..223).await;
    assert_eq!(divided.roll_call(T0 + MINUTE).await, (3, 0), "later ones are none");
    assert_eq!(events.take().await.unwrap().len(), 6, "cy's rooms: changed and occupied");
}

#[tokio::test]
async fn a_baseline_that_was_not_handed_out_is_one_again() {
    let mut divided = Divided::watching("room:*").await;
    let _visitors = divided.crowd().await;
    // The list is written down, and then the planner dies.
    let proxy = FaultProxy::start(Moto::shared().await.unwrap().port()).await.unwrap();
    let endpoint = divided.stage.variables()["AWS_ENDPOINT_URL"].clone();
    divided.stage.set("AWS_ENDPOINT_URL", &format!("http://127.0.0.1:{}", proxy.port()));
    proxy.strike_at("PutEvents", Fault::Hang);
    let planner = divided.stage.collector(|| T0);
    tokio::select! {
        _ = planner.roll_call(T0, WITHIN) => unreachable!("the bus hangs"),
        struck = proxy.struck() => struck.unwrap(),
    }
    divided.stage.set("AWS_ENDPOINT_URL", &endpoint);
    assert_eq!(divided.roll_call(T0 + MINUTE).await, (0, 0));
    let _cy = divided.come("cy", 220..223).await;
    assert_eq!(divided.roll_call(T0 + 2 * MINUTE).await, (3, 0));
}

#[tokio::test]
async fn a_redis_that_is_lost_between_plan_and_shard_makes_a_baseline() {
    let (divided, events) = Divided::announcing("room:*").await;
    let _visitors = divided.crowd().await;
    divided.roll_call(T0).await;
    let (_, shards) = divided.plan(T0 + MINUTE).await;
    let _: String = divided.stage.redis.command(&["FLUSHALL"]).await.unwrap();
    let taken = divided.take_all(&shards, T0 + MINUTE + 1000).await;
    assert_eq!(committed(&taken), 220);
    assert_eq!(divided.roll_call(T0 + 2 * MINUTE).await, (0, 0));
    assert_eq!(events.take().await.unwrap(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_shard_that_comes_twice_or_after_the_next_plan_is_superseded() {
    let divided = Divided::watching("room:*").await;
    let visitors = divided.crowd().await;
    divided.roll_call(T0).await;
    let (_, first) = divided.plan(T0 + MINUTE).await;
    for visitor in visitors {
        visitor.leave().await;
    }
    divided.stage.centrifugo.wait_for_clients("room:219", 0).await.unwrap();
    // The next plan comes while the shards of the first are under way, and overtakes them.
    let at = T0 + 2 * MINUTE;
    let (report, mut second) = divided.plan(at).await;
    assert_eq!(report.watched, 220, "those that have emptied are asked on");
    second.reverse();
    assert_eq!(committed(&divided.take_all(&second, at).await), 220);
    for (again, now) in [(&first, T0 + 2 * MINUTE), (&second, at + 1000)] {
        for report in divided.take_all(again, now).await {
            assert_eq!((report.committed, report.superseded), (0, report.watched), "{report:?}");
        }
    }
    assert_eq!(divided.stage.members("room:0").await.unwrap()["taken_at"], at);
    // Nobody's grace has shrunk: this is the second roll call that they miss.
    assert_eq!(divided.roll_call(at + MINUTE).await, (0, 220));
}

#[tokio::test]
async fn a_shard_that_is_lost_or_late_is_made_good_by_the_next_roll_call() {
    let (divided, events) = Divided::announcing("room:*").await;
    let _visitors = divided.crowd().await;
    divided.roll_call(T0).await;
    let _cy = divided.come("cy", 220..250).await;
    let (_, shards) = divided.plan(T0 + MINUTE).await;
    let [lost, late, rest @ ..] = shards.as_slice() else { unreachable!("three shards") };
    let of = |shard: &Value| shard["detail"]["channels"].as_array().unwrap().len();
    assert_eq!(
        committed(&divided.take_all(rest, T0 + MINUTE + 500).await),
        250 - of(lost) - of(late)
    );
    let report = divided.take(late, T0 + 2 * MINUTE + 1).await;
    assert_eq!(
        serde_json::to_value(&report).unwrap(),
        json!({"taken_at": T0 + MINUTE, "watched": 0, "late": true, "committed": 0, "superseded": 0,
            "failed": [], "joined": 0, "left": 0, "published": 0, "announced": 0, "dropped": 0})
    );
    divided.roll_call(T0 + 2 * MINUTE).await;
    let events = events.take().await.unwrap();
    let ids = told_under("joined", "cy", &events);
    assert_eq!(ids.len(), 30, "each room under one id");
    assert!(
        ids.iter().any(|id| id.contains(&format!("@{}#", T0 + 2 * MINUTE))),
        "some by the second plan"
    );
}

#[tokio::test]
async fn what_the_bus_does_not_take_the_planner_takes_itself() {
    let mut divided = Divided::watching("site:main,room:*").await;
    let mut visitors = Vec::new();
    for number in 0..10 {
        visitors.push(
            divided.come(&format!("user {number}"), number * ROOMS..(number + 1) * ROOMS).await,
        );
    }
    // Twelve shards are two calls: of the first one two entries are refused, the second one has no answer that makes sense.
    let taken = r#"{"EventId":"x"}"#;
    let refused = r#"{"ErrorCode":"ThrottlingException","ErrorMessage":"slow down"}"#;
    let entries = [vec![taken; 8], vec![refused; 2]].concat().join(",");
    let some = format!(r#"{{"FailedEntryCount":2,"Entries":[{entries}]}}"#);
    let bus = Canned::start(vec![
        Answer::Body(200, some.into_bytes()),
        Answer::Body(200, b"{\"Entries\":[]}".to_vec()),
    ])
    .await
    .unwrap();
    divided.stage.set("AWS_ENDPOINT_URL", &bus.url());
    let report = divided.stage.roll_call(T0).await.unwrap();
    let handed_out = report.handed_out.unwrap();
    assert_eq!((report.watched, report.shards), (1101, Some(12)));
    assert_eq!(report.committed, 1101 - handed_out, "{report:?}");
    assert!((700..=800).contains(&handed_out) && report.failed.is_empty(), "{report:?}");

    // A bus that is down altogether: the planner takes all of it, and its baseline is through.
    divided.stage.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let report = divided.stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!(
        (report.shards, report.handed_out, report.committed),
        (Some(12), Some(0), 1101),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_bus_that_hangs_costs_half_of_the_time_at_most() {
    let mut divided = Divided::watching("room:*").await;
    let _visitors = divided.crowd().await;
    let bus = Canned::start(vec![Answer::Hang]).await.unwrap();
    divided.stage.set("AWS_ENDPOINT_URL", &bus.url());
    let planner = divided.stage.collector(|| T0);
    let (report, error) = planner.roll_call(T0, Duration::from_secs(4)).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((report.committed, report.handed_out), (220, Some(0)), "{report:?}");
}

#[tokio::test]
async fn channels_that_empty_are_forgotten_by_their_shards() {
    let divided = Divided::watching("room:*").await;
    let visitors = divided.crowd().await;
    divided.roll_call(T0).await;
    for visitor in visitors {
        visitor.leave().await;
    }
    divided.stage.centrifugo.wait_for_clients("room:219", 0).await.unwrap();
    let mut left = 0;
    for minute in 1..4 {
        left += divided.roll_call(T0 + minute * MINUTE).await.1;
    }
    assert_eq!(left, 220);
    assert_eq!(divided.remembered().await, BTreeSet::from([String::new()]));
    assert_eq!(divided.stage.roll_call(T0 + 4 * MINUTE).await.unwrap().watched, 0);
}

#[tokio::test]
async fn a_smaller_roll_call_is_not_divided() {
    let divided = Divided::watching("room:*").await;
    let rooms: Vec<String> = (0..100).map(|n| format!("room:{n}")).collect();
    let rooms: Vec<&str> = rooms.iter().map(String::as_str).collect();
    let _guest = divided.stage.guest(&rooms).await;
    let (report, shards) = divided.plan(T0).await;
    assert_eq!((report.committed, report.shards, shards.len()), (100, None, 0));
}

#[tokio::test]
async fn what_is_not_watched_here_or_is_another_stacks_is_not_taken() {
    let divided = Divided::watching("room:*").await;
    let _ann = divided.come("ann", 0..2).await;
    let shard = |stack: &str, channels: Value| {
        json!({"detail": {"v": 1, "stack": stack, "taken_at": T0, "shard": 0, "shards": 1, "baseline": false,
            "channels": channels, "added_later": true}})
    };
    let other = divided.take(&shard("another", json!(["room:1"])), T0).await;
    assert_eq!((other.watched, other.late), (0, false));
    let unwatched =
        divided.take(&shard("presence", json!(["site:main", "presence:room:1"])), T0).await;
    assert_eq!(unwatched.watched, 0);
    let some = divided.take(&shard("presence", json!(["site:main", "room:1", "room:1"])), T0).await;
    assert_eq!((some.watched, some.committed), (1, 1));
    assert!(divided.stage.members("site:main").await.is_none());
}

/// An event as EventBridge delivers it.
fn delivered(detail: Value) -> Value {
    json!({"version": "0", "id": "1", "detail-type": "Shard Due", "source": "rollcall.shards",
        "account": "123456789012", "time": "2026-11-25T00:00:00Z", "region": "us-east-1", "resources": [], "detail": detail})
}

async fn sandbox(stage: &Stage) -> Sandbox {
    Sandbox::start(Path::new(env!("CARGO_BIN_EXE_collector")), stage.variables()).await.unwrap()
}

#[tokio::test]
async fn a_shard_that_cant_be_read_never_becomes_a_whole_roll_call() {
    let divided = Divided::watching("room:*").await;
    let _ann = divided.come("ann", 0..2).await;
    let mut sandbox = sandbox(&divided.stage).await;
    let good = json!({"v": 1, "stack": "presence", "taken_at": 1, "shard": 0, "shards": 1, "baseline": false, "channels": ["room:1"]});
    let without = |name: &str| {
        let mut detail = good.clone();
        detail.as_object_mut().unwrap().remove(name);
        detail
    };
    let with = |name: &str, value: Value| {
        let mut detail = good.clone();
        detail[name] = value;
        detail
    };
    let mut bad: Vec<Value> = good.as_object().unwrap().keys().map(|name| without(name)).collect();
    bad.extend([
        with("v", json!(2)),
        with("channels", json!("room:secret")),
        with("taken_at", json!(-1)),
        json!(null),
        json!([]),
    ]);
    let mut events: Vec<Value> = bad.into_iter().map(delivered).collect();
    events.push(json!({"source": "rollcall.shards"}));
    for event in events {
        sandbox.send(event.clone());
        let Answered::Error { error_type, message } = sandbox.answer().await.unwrap() else {
            unreachable!("{event} was taken")
        };
        assert_eq!(error_type, "ShardUnreadable", "{event}");
        assert!(!message.contains("secret"), "{message}");
    }
    assert!(divided.stage.members("room:1").await.is_none());
    // A shard of long ago is a success, though it takes nothing.
    let report = sandbox.invoke(delivered(good)).await.unwrap();
    assert_eq!(report["roll_calls"][0]["late"], true, "{report}");
}

#[tokio::test]
async fn real_processes_take_the_shards_side_by_side_and_one_that_dies_is_made_good() {
    let (mut divided, events) = Divided::announcing("room:*").await;
    let _visitors = divided.crowd().await;
    let mut planner = sandbox(&divided.stage).await;
    let plan = async |planner: &mut Sandbox| {
        let report = planner.invoke(json!({})).await.unwrap()["roll_calls"][0].clone();
        assert_eq!((&report["shards"], &report["committed"]), (&json!(3), &json!(0)), "{report}");
        divided.shards.take().await.unwrap()
    };
    let mut takers = [sandbox(&divided.stage).await, sandbox(&divided.stage).await];
    let shards = plan(&mut planner).await;
    for (number, shard) in shards.iter().enumerate() {
        takers[number % 2].send(shard.clone());
    }
    let mut n_committed = 0;
    for number in 0..shards.len() {
        let Answered::Response(report) = takers[number % 2].answer().await.unwrap() else {
            unreachable!("a shard failed")
        };
        n_committed += report["roll_calls"][0]["committed"].as_u64().unwrap();
    }
    assert_eq!(n_committed, 220);

    // Cy comes to ten rooms of either. Of the next plan one process dies amid its commits.
    let _cy = divided.come("cy", ROOMS - 10..ROOMS + 10).await;
    let shards = plan(&mut planner).await;
    let proxy = FaultProxy::start(divided.stage.redis.port()).await.unwrap();
    let good = divided.stage.variables()["REDIS_URL"].clone();
    divided.stage.set("REDIS_URL", &format!("redis://127.0.0.1:{}", proxy.port()));
    proxy.strike_at("EVALSHA", Fault::LoseAnswer);
    let mut dying = sandbox(&divided.stage).await;
    divided.stage.set("REDIS_URL", &good);
    dying.send(shards[0].clone());
    proxy.struck().await.unwrap();
    dying.process().kill();
    for shard in &shards[1..] {
        takers[0].invoke(shard.clone()).await.unwrap();
    }
    for shard in plan(&mut planner).await {
        let report = takers[1].invoke(shard).await.unwrap();
        assert_eq!(report["roll_calls"][0]["failed"], json!([]));
    }
    let events = events.take().await.unwrap();
    assert_eq!(told_under("joined", "cy", &events).len(), 20, "each room under one id");
}
