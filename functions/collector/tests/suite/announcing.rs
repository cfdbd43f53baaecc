//! Events on their way to a bus. The bus is moto's, or an answer told in advance where moto never gives it.

use harness::{Answer, Canned, Moto, Visitor};
use serde_json::{Value, json};

use crate::stage::{Stage, T0};

const MINUTE: u64 = 60_000;

/// A stage that announces on a bus at that endpoint. Its channel is vacated; one guest was there once.
async fn announcing_to(endpoint: &str) -> Stage {
    let mut stage = Stage::watching("site:main").await;
    let guest = stage.guest(&["site:main"]).await;
    stage.roll_call(T0 - 3 * MINUTE).await.unwrap();
    guest.leave().await;
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    for minute in [2, 1] {
        stage.roll_call(T0 - minute * MINUTE).await.unwrap();
    }
    stage.set("EVENT_BUS_NAME", "presence");
    stage.set("AWS_ENDPOINT_URL", endpoint);
    assert_eq!(stage.roll_call(T0).await.unwrap().announced, 0);
    stage
}

/// Ann and a guest come: somebody joins, the channel is occupied, and its record is passed.
async fn come(stage: &Stage) -> [Visitor; 2] {
    let ann = stage.user("1", json!({"name": "Ann"}), &["site:main"]).await;
    [ann, stage.guest(&["site:main"]).await]
}

fn id(event: &Value) -> &str {
    event["detail"]["id"].as_str().unwrap()
}

#[tokio::test]
async fn who_comes_and_goes_arrives_behind_the_bus() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let mut stage = announcing_to(&moto.url()).await;
    stage.set("EVENT_BUS_NAME", queue.bus());
    assert!(queue.take().await.unwrap().is_empty(), "nothing has changed yet");

    let visitors = come(&stage).await;
    let at = T0 + MINUTE;
    assert_eq!(stage.roll_call(at).await.unwrap().announced, 3);
    let mut events = queue.take().await.unwrap();
    events.sort_by(|one, other| id(one).cmp(id(other)));
    let told: Vec<_> = events
        .iter()
        .map(|event| (event["source"].as_str(), event["detail-type"].as_str()))
        .collect();
    let kinds = ["Presence Changed", "Channel Occupied", "Peak Reached"];
    assert_eq!(told, kinds.map(|kind| (Some("rollcall"), Some(kind))));
    assert_eq!(
        events[0]["detail"],
        json!({"v": 1, "id": format!("site:main@{at}#changed"), "channel": "site:main", "taken_at": at,
            "present": 2, "users": 1, "guests": 1,
            "joined": [{"id": "1", "info": {"name": "Ann"}, "clients": 1, "since": at}], "left": []})
    );

    for visitor in visitors {
        visitor.leave().await;
    }
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    assert_eq!(stage.roll_call(at + MINUTE).await.unwrap().announced, 0);
    let report = stage.roll_call(at + 2 * MINUTE).await.unwrap();
    assert_eq!((report.left, report.announced), (1, 2));
    let mut events = queue.take().await.unwrap();
    events.sort_by(|one, other| id(one).cmp(id(other)));
    assert_eq!(events[0]["detail"]["left"][0]["last_seen"], at);
    assert_eq!(events[1]["detail-type"], "Channel Vacated");
}

#[tokio::test]
async fn what_is_refused_is_sent_again_and_what_was_taken_is_not() {
    let taken = r#"{"EventId":"x"}"#;
    let refused = r#"{"ErrorCode":"ThrottlingException","ErrorMessage":"slow down"}"#;
    let some = format!(r#"{{"FailedEntryCount":1,"Entries":[{taken},{refused},{taken}]}}"#);
    let one = format!(r#"{{"FailedEntryCount":0,"Entries":[{taken}]}}"#);
    let bus = Canned::start([some, one].map(|body| Answer::Body(200, body.into_bytes())).into())
        .await
        .unwrap();
    let stage = announcing_to(&bus.url()).await;
    let _visitors = come(&stage).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.published, report.announced), (1, 1, 2));
    assert!(report.failed[0].error.contains("ThrottlingException"), "{report:?}");
    assert_eq!(stage.roll_call(T0 + 2 * MINUTE).await.unwrap().announced, 1);
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().announced, 0);

    let sent: Vec<Vec<String>> = bus.bodies().iter().map(|body| sent_ids(body)).collect();
    assert_eq!(sent.len(), 2, "nothing to announce is no call");
    assert_eq!(sent[0].len(), 3);
    assert_eq!(sent[1], sent[0][1..2], "the refused one, under its own id");
}

/// The ids in a PutEvents request.
fn sent_ids(body: &str) -> Vec<String> {
    let body: Value = serde_json::from_str(body).unwrap();
    let detail = |entry: &Value| -> Value {
        serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap()
    };
    let entries = body["Entries"].as_array().unwrap();
    entries.iter().map(|entry| detail(entry)["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn while_the_bus_is_down_views_go_on_and_events_wait() {
    let mut stage = announcing_to("http://127.0.0.1:1").await;
    let _visitors = come(&stage).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.published, report.announced), (1, 1, 0));
    assert!(report.failed[0].error.contains("EVENT_BUS_NAME"), "{report:?}");
    let _bo = stage.user("2", json!({}), &["site:main"]).await;
    stage.roll_call(T0 + 2 * MINUTE).await.unwrap();

    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    stage.set("EVENT_BUS_NAME", queue.bus());
    stage.set("AWS_ENDPOINT_URL", &moto.url());
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().announced, 5);
    let mut ids: Vec<String> =
        queue.take().await.unwrap().iter().map(|event| id(event).to_owned()).collect();
    ids.sort();
    let (first, second) = (T0 + MINUTE, T0 + 2 * MINUTE);
    let expected = [
        format!("site:main@{first}#changed"),
        format!("site:main@{first}#occupied"),
        format!("site:main@{first}#peak"),
        format!("site:main@{second}#changed"),
        format!("site:main@{second}#peak"),
    ];
    assert_eq!(ids, expected, "under the ids of the roll calls that took them");
}

#[tokio::test]
async fn a_bus_that_hangs_costs_seconds() {
    let bus = Canned::start(vec![Answer::Hang]).await.unwrap();
    let stage = announcing_to(&bus.url()).await;
    let _visitors = come(&stage).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.announced), (1, 0));
}

#[tokio::test]
async fn a_bus_that_hangs_is_waited_for_once_and_holds_up_no_other_channel() {
    let bus = Canned::start(vec![Answer::Hang]).await.unwrap();
    let channels: Vec<String> = (100..700).map(|n| format!("room:{n}")).collect();
    let mut stage = Stage::watching(&channels.join(",")).await;
    stage.set("EVENT_BUS_NAME", "presence");
    stage.set("AWS_ENDPOINT_URL", &bus.url());
    stage.roll_call(T0).await.unwrap();
    // In the first and in the last of the batches that Centrifugo is asked in.
    let _guest = stage.guest(&["room:100", "room:699"]).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.committed, report.published, report.announced), (600, 600, 0));
    let failed: Vec<_> = report.failed.iter().map(|failed| failed.channel.as_str()).collect();
    assert_eq!(failed, ["*"], "once for the roll call: {report:?}");
    assert_eq!(bus.requests().len(), 2, "one call, tried twice");
}

#[tokio::test]
async fn where_all_are_refused_all_are_sent_again() {
    let refused = r#"{"ErrorCode":"InternalFailure","ErrorMessage":"later"}"#;
    let taken = r#"{"EventId":"x"}"#;
    let three =
        |entry: &str| format!(r#"{{"FailedEntryCount":3,"Entries":[{entry},{entry},{entry}]}}"#);
    let answers = [three(refused), three(taken)].map(|body| Answer::Body(200, body.into_bytes()));
    let bus = Canned::start(answers.into()).await.unwrap();
    let stage = announcing_to(&bus.url()).await;
    let _visitors = come(&stage).await;
    let report = stage.roll_call(T0 + MINUTE).await.unwrap();
    assert_eq!((report.announced, report.failed.len()), (0, 3), "{report:?}");
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.announced, report.failed.len()), (3, 0), "{report:?}");
}

#[tokio::test]
async fn what_nobody_takes_for_a_day_is_dropped_and_told() {
    let stage = announcing_to("http://127.0.0.1:1").await;
    let _visitors = come(&stage).await;
    let day = 24 * 60 * MINUTE;
    assert_eq!(stage.roll_call(T0 + MINUTE).await.unwrap().dropped, 0);
    let report = stage.roll_call(T0 + day).await.unwrap();
    assert_eq!((report.dropped, report.failed.len()), (0, 1), "{report:?}");
    let report = stage.roll_call(T0 + MINUTE + day + 1).await.unwrap();
    assert_eq!((report.committed, report.dropped, report.failed.len()), (1, 3, 0), "{report:?}");
}

#[tokio::test]
async fn once_there_is_no_bus_nothing_is_kept_for_it() {
    let mut stage = announcing_to("http://127.0.0.1:1").await;
    let visitors = come(&stage).await;
    stage.roll_call(T0 + MINUTE).await.unwrap();
    let fields = async |stage: &Stage| -> usize {
        stage.redis.command(&["HLEN", "rollcall:{site:main}:ledger"]).await.unwrap()
    };
    assert!(fields(&stage).await > 3, "events wait");
    stage.set("EVENT_BUS_NAME", "");
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.dropped, report.failed.len()), (0, 0), "{report:?}");
    assert_eq!(fields(&stage).await, 3);
    drop(visitors);
    stage.centrifugo.wait_for_clients("site:main", 0).await.unwrap();
    for minute in 3..6 {
        stage.roll_call(T0 + minute * MINUTE).await.unwrap();
    }
    assert_eq!(fields(&stage).await, 3);
}

#[tokio::test]
async fn what_waits_is_read_only_where_it_can_be_sent() {
    let mut stage = Stage::watching("room:*").await;
    stage.set("EVENT_BUS_NAME", "presence");
    stage.roll_call(T0).await.unwrap();
    let rooms: Vec<String> = (0..100).map(|n| format!("room:{n}")).collect();
    let _guest = stage.guest(&rooms.iter().map(String::as_str).collect::<Vec<_>>()).await;
    stage.roll_call(T0 + MINUTE).await.unwrap();
    let calls = async |stage: &Stage| -> u64 {
        let stats: String = stage.redis.command(&["INFO", "commandstats"]).await.unwrap();
        let line = stats.lines().find_map(|line| line.strip_prefix("cmdstat_hget:calls="));
        line.unwrap().split(',').next().unwrap().parse().unwrap()
    };
    let before = calls(&stage).await;
    let report = stage.roll_call(T0 + 2 * MINUTE).await.unwrap();
    assert_eq!((report.committed, report.announced), (100, 0));
    let read = calls(&stage).await - before;
    // The commit of a channel reads three fields of its ledger, the list of channels is one; of what waits, one round.
    assert!(read <= 100 * 3 + 1 + 20, "{read}");

    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    stage.set("EVENT_BUS_NAME", queue.bus());
    stage.set("AWS_ENDPOINT_URL", &moto.url());
    assert_eq!(stage.roll_call(T0 + 3 * MINUTE).await.unwrap().announced, 100);
    assert_eq!(queue.take().await.unwrap().len(), 100);
}
