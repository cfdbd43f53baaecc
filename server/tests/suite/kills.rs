//! Killed between two steps, and started again.

use harness::{Fault, FaultProxy, Moto, aws_at, told_under};
use serde_json::json;

use crate::stage::Stage;

/// A stage whose events go to that bus, and a proxy before each server.
async fn stage(moto: &Moto, bus: &str) -> (Stage, [FaultProxy; 3]) {
    let mut stage = Stage::watching("site:main").await;
    let redis = FaultProxy::start(stage.redis.port()).await.unwrap();
    let centrifugo = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
    let events = FaultProxy::start(moto.port()).await.unwrap();
    for (name, value) in [
        ("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port()).as_str()),
        ("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", centrifugo.port())),
        ("EVENT_BUS_NAME", bus),
        ("PERIOD_SECONDS", "10"),
    ] {
        stage.set(name, value);
    }
    for (name, value) in aws_at(&format!("http://127.0.0.1:{}", events.port())) {
        stage.set(name, &value);
    }
    // The baseline, which announces nothing.
    assert_eq!(stage.run(&["take"]).await.status, 0);
    (stage, [redis, centrifugo, events])
}

#[tokio::test]
async fn a_serve_that_is_killed_and_started_again_loses_nothing() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let (mut stage, [redis, _centrifugo, bus]) = stage(moto, queue.bus()).await;
    let mut visitors = Vec::new();
    let mut events = Vec::new();
    for (proxy, mark, fault) in [
        (&redis, "EVALSHA", Fault::Hang),
        (&redis, "EVALSHA", Fault::LoseAnswer),
        (&bus, "PutEvents", Fault::LoseAnswer),
    ] {
        let user = format!("{mark} {fault:?}");
        visitors.push(stage.user(&user, "site:main").await);
        proxy.strike_at(mark, fault);
        let mut killed = stage.serve().await;
        proxy.struck().await.unwrap();
        killed.process.kill();
        proxy.rest();

        let again = stage.serve().await;
        again.roll_calls("committed", 1.0).await;
        let view = stage.members("site:main").await.unwrap();
        assert_eq!(view["present"], visitors.len(), "{user}: {view}");
        events.extend(queue.take().await.unwrap());
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user}: {events:?}");
    }
}

#[tokio::test]
async fn a_take_that_is_killed_between_any_two_steps_loses_nothing() {
    let moto = Moto::shared().await.unwrap();
    let queue = moto.bus_with_queue().await.unwrap();
    let (stage, [redis, centrifugo, bus]) = stage(moto, queue.bus()).await;
    let mut visitors = Vec::new();
    let mut events = Vec::new();
    // Where the process stands when it is killed: each step under way, or done with its answer on the way back.
    for (proxy, mark, fault) in [
        (&centrifugo, "{\"presence\":", Fault::Hang),
        (&redis, "HSET", Fault::Hang),
        (&redis, "HSET", Fault::LoseAnswer),
        (&redis, "HMGET", Fault::Hang),
        (&redis, "EVALSHA", Fault::Hang),
        (&redis, "EVALSHA", Fault::LoseAnswer),
        (&centrifugo, "{\"publish\":", Fault::Hang),
        (&bus, "PutEvents", Fault::Hang),
        (&bus, "PutEvents", Fault::LoseAnswer),
    ] {
        let user = format!("{mark} {fault:?}");
        visitors.push(stage.user(&user, "site:main").await);
        proxy.strike_at(mark, fault);
        let mut killed = stage.start(&["take"]);
        proxy.struck().await.unwrap();
        killed.kill();
        proxy.rest();

        let again = stage.run(&["take"]).await;
        assert_eq!((again.status, &again.report()["failed"]), (0, &json!([])), "{user}");
        let view = stage.members("site:main").await.unwrap();
        assert_eq!(view["present"], visitors.len(), "{user}: {view}");
        events.extend(queue.take().await.unwrap());
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user}: {events:?}");
    }
}
