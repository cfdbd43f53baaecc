//! Killed between two steps, and started again.

use futures_util::future::join_all;
use harness::{Fault, FaultProxy, Moto, Queue, aws_at, told_under};
use serde_json::json;

use crate::stage::Stage;

/// Where the process stands when it is killed: each step under way, or done with its answer on the way back. The bytes that
/// begin it go to that server.
const STEPS: [(Server, &str, Fault); 11] = [
    (Server::Centrifugo, "{\"presence\":", Fault::Hang),
    (Server::Redis, "HSET", Fault::Hang),
    (Server::Redis, "HSET", Fault::LoseAnswer),
    (Server::Redis, "HMGET", Fault::Hang),
    (Server::Redis, "EVALSHA", Fault::Hang),
    (Server::Redis, "EVALSHA", Fault::LoseAnswer),
    (Server::Centrifugo, "{\"publish\":", Fault::Hang),
    (Server::Bus, "PutEvents", Fault::Hang),
    (Server::Bus, "PutEvents", Fault::LoseAnswer),
    (Server::Redis, "HDEL", Fault::Hang),
    (Server::Redis, "HDEL", Fault::LoseAnswer),
];

#[derive(Debug, Clone, Copy)]
enum Server {
    Centrifugo,
    Redis,
    Bus,
}

/// A stage whose events go to a bus, and a proxy before each server.
struct Struck {
    stage: Stage,
    centrifugo: FaultProxy,
    redis: FaultProxy,
    bus: FaultProxy,
    queue: Queue<'static>,
}

impl Struck {
    async fn new() -> Self {
        let moto = Moto::shared().await.unwrap();
        let queue = moto.bus_with_queue().await.unwrap();
        let mut stage = Stage::watching("site:main").await;
        let redis = FaultProxy::start(stage.redis.port()).await.unwrap();
        let centrifugo = FaultProxy::start(stage.centrifugo.port()).await.unwrap();
        let bus = FaultProxy::start(moto.port()).await.unwrap();
        for (name, value) in [
            ("REDIS_URL", format!("redis://127.0.0.1:{}", redis.port()).as_str()),
            ("CENTRIFUGO_API_URL", &format!("http://127.0.0.1:{}/api", centrifugo.port())),
            ("EVENT_BUS_NAME", queue.bus()),
            ("PERIOD_SECONDS", "10"),
        ] {
            stage.set(name, value);
        }
        for (name, value) in aws_at(&format!("http://127.0.0.1:{}", bus.port())) {
            stage.set(name, &value);
        }
        // The baseline, which announces nothing.
        assert_eq!(stage.run(&["take"]).await.status, 0);
        Self { stage, centrifugo, redis, bus, queue }
    }

    fn proxy(&self, server: Server) -> &FaultProxy {
        match server {
            Server::Centrifugo => &self.centrifugo,
            Server::Redis => &self.redis,
            Server::Bus => &self.bus,
        }
    }

    async fn shows(&self, present: usize, what: &str) {
        let view = self.stage.members("site:main").await.unwrap();
        assert_eq!(view["present"], present, "{what}: {view}");
    }
}

#[tokio::test]
async fn a_serve_that_is_killed_between_any_two_steps_and_started_again_loses_nothing() {
    // Side by side: each waits for the clock twice.
    join_all(STEPS.map(async |(server, mark, fault)| {
        let mut struck = Struck::new().await;
        let user = format!("{mark} {fault:?}");
        let _visitor = struck.stage.user(&user, "site:main").await;
        struck.proxy(server).strike_at(mark, fault);
        let mut killed = struck.stage.serve().await;
        struck.proxy(server).struck().await.unwrap();
        killed.process.kill();
        struck.proxy(server).rest();

        let again = struck.stage.serve().await;
        again.roll_calls("committed", 1.0).await;
        struck.shows(1, &user).await;
        let events = struck.queue.take().await.unwrap();
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user}: {events:?}");
    }))
    .await;
}

#[tokio::test]
async fn a_take_that_is_killed_between_any_two_steps_loses_nothing() {
    let struck = Struck::new().await;
    let mut visitors = Vec::new();
    let mut events = Vec::new();
    for (server, mark, fault) in STEPS {
        let user = format!("{mark} {fault:?}");
        visitors.push(struck.stage.user(&user, "site:main").await);
        struck.proxy(server).strike_at(mark, fault);
        let mut killed = struck.stage.start(&["take"]);
        struck.proxy(server).struck().await.unwrap();
        killed.kill();
        struck.proxy(server).rest();

        let again = struck.stage.run(&["take"]).await;
        assert_eq!((again.status, &again.report()["failed"]), (0, &json!([])), "{user}");
        struck.shows(visitors.len(), &user).await;
        events.extend(struck.queue.take().await.unwrap());
        assert_eq!(told_under("joined", &user, &events).len(), 1, "{user}: {events:?}");
    }
}
