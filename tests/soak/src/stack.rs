//! Everything real that the story plays in, and the proxies between.

use std::collections::BTreeMap;

use anyhow::Result;
use harness::{Centrifugo, FaultProxy, Hook, Moto, Redis, aws_at};

use crate::bus::Door;
use crate::chance::Chance;
use crate::channels::{GLOB, NAMED, NOWHERE, VAULT, published, published_privately};
use crate::hook::PATH;
use crate::marks::GUEST_USERS;
use crate::model::{PERIOD, Rules};
use crate::monitor::Monitor;

/// The servers. A collector sees them through the proxies alone; the soak itself goes past those.
pub(crate) struct Stack {
    pub(crate) centrifugo: Centrifugo,
    pub(crate) redis: Redis,
    pub(crate) door: Door,
    pub(crate) to_centrifugo: FaultProxy,
    pub(crate) to_redis: FaultProxy,
    pub(crate) to_bus: FaultProxy,
    pub(crate) monitor: Monitor,
    pub(crate) rules: Rules,
    /// Where changes are announced, unless it is by webhook, and where shards are handed out.
    buses: [String; 2],
    is_by_webhook: bool,
}

impl Stack {
    /// Starts all of it; settings differ from seed to seed.
    pub(crate) async fn start(moto: &Moto, buses: [&str; 2], chance: &mut Chance) -> Result<Self> {
        let centrifugo = Centrifugo::start().await?;
        let redis = Redis::start().await?;
        let door = Door::before(moto).await?;
        let monitor = Monitor::start(&redis).await?;
        let rules = Rules {
            grace: *chance.pick(&[1, 1, 0, 2]),
            recent: *chance.pick(&[900_000, 180_000, 0]),
            listed_max: *chance.pick(&[50, 5]),
            client_url: "wss://rt.example.com/connection/websocket".to_owned(),
            members_are_public: chance.percent(70),
        };
        let is_by_webhook = chance.percent(40);
        Ok(Self {
            is_by_webhook,
            to_centrifugo: FaultProxy::start(centrifugo.port()).await?,
            to_redis: FaultProxy::start(redis.port()).await?,
            to_bus: FaultProxy::start(door.port()).await?,
            buses: buses.map(str::to_owned),
            centrifugo,
            redis,
            door,
            monitor,
            rules,
        })
    }

    /// What the collector is told.
    pub(crate) fn collector_variables(&self) -> BTreeMap<String, String> {
        let local = |port: u16| format!("http://127.0.0.1:{port}");
        let Rules { grace, recent, listed_max, .. } = &self.rules;
        let mut variables = self.shared_variables();
        variables.extend(owned([
            ("CENTRIFUGO_API_URL", format!("{}/api", local(self.to_centrifugo.port()))),
            ("CENTRIFUGO_API_KEY", self.centrifugo.api_key().to_owned()),
            ("REDIS_URL", format!("redis://127.0.0.1:{}", self.to_redis.port())),
            ("LISTED_MAX", listed_max.to_string()),
            ("LEAVE_GRACE_SECONDS", (grace * PERIOD).to_string()),
            ("RECENT_SECONDS", (recent / 1000).to_string()),
            // Real time, of which a soak has less.
            ("SNAPSHOT_TTL_SECONDS", "86400".to_owned()),
            ("SHARD_BUS_NAME", self.buses[1].clone()),
        ]));
        variables.extend(owned(aws_at(&local(self.to_bus.port()))));
        if self.is_by_webhook {
            variables.extend(owned([
                ("EVENT_WEBHOOK_URL", format!("{}{PATH}", local(self.to_bus.port()))),
                ("EVENT_WEBHOOK_SECRET", Hook::SECRET.to_owned()),
            ]));
        } else {
            variables.extend(owned([("EVENT_BUS_NAME", self.buses[0].clone())]));
        }
        variables
    }

    /// Who is told of changes.
    pub(crate) fn announcer(&self) -> &'static str {
        if self.is_by_webhook { "a webhook" } else { "EventBridge" }
    }

    /// What the snapshot function is told.
    pub(crate) fn snapshot_variables(&self) -> BTreeMap<String, String> {
        let mut variables = self.shared_variables();
        variables.extend(owned([
            ("REDIS_URL", self.redis.url()),
            ("CENTRIFUGO_TOKEN_HMAC_SECRET", self.centrifugo.token_secret().to_owned()),
        ]));
        variables
    }

    fn shared_variables(&self) -> BTreeMap<String, String> {
        let visibility = if self.rules.members_are_public { "members" } else { "counts" };
        owned([
            ("WATCH_CHANNELS", format!("{},{NOWHERE},{GLOB}", NAMED.join(","))),
            ("CENTRIFUGO_CLIENT_URL", self.rules.client_url.clone()),
            ("PUBLISH_CHANNEL", published("{channel}")),
            ("PRIVATE_CHANNELS", VAULT.to_owned()),
            ("PRIVATE_MEMBERS_CHANNEL", published_privately("{channel}")),
            ("GUEST_USERS", GUEST_USERS.to_owned()),
            ("VISIBILITY", visibility.to_owned()),
        ])
    }
}

fn owned<const N: usize>(variables: [(&str, String); N]) -> BTreeMap<String, String> {
    variables.map(|(name, text)| (name.to_owned(), text)).into()
}
