//! The variables of a roll call, but for those of Centrifugo and Redis.

use std::time::Duration;

use presence::InfoFields;
use scope::Scope;
use settings::{Reader, any_text, whole_number};

/// How roll calls are taken.
#[derive(Debug, Clone)]
pub struct Config {
    /// What all processes share.
    pub scope: Scope,
    /// `WATCH_CHANNELS_MAX`: channels of globs in a roll call at the most.
    pub channels_max: usize,
    /// `LISTED_MAX`: members in a view.
    pub listed_max: usize,
    /// `INFO_FIELDS`: what may be shown of a client's info.
    pub info_fields: InfoFields,
    /// `LEAVE_GRACE_SECONDS` in periods: roll calls in a row that may be missed before somebody has left.
    pub grace: u32,
    /// `RECENT_SECONDS`: how long somebody who is gone is listed as recent.
    pub recent: Duration,
    /// `SNAPSHOT_TTL_SECONDS`: how long a view outlives its roll call.
    pub snapshot_ttl: Duration,
    /// `STACK_NAME`: whose roll calls these are.
    pub stack_name: String,
    /// `SHARD_BUS_NAME`: the bus that hands out shards; `None`: one invocation takes all.
    pub shard_bus: Option<String>,
    /// `SHARD_CHANNELS`: channels of a shard at the most.
    pub shard_channels: usize,
    /// `SHARD_CLIENTS`: clients of a shard of several channels at the most.
    pub shard_clients: u64,
}

impl Config {
    /// Reads the variables; `None` where one of `scope` is wrong. What is wrong is remembered by `reader`.
    pub fn read(reader: &mut Reader<'_>, scope: Option<&Scope>) -> Option<Self> {
        let channels_max = reader.optional("WATCH_CHANNELS_MAX", whole_number(1, 10_000_000));
        let listed_max = reader.optional("LISTED_MAX", whole_number(0, 1000)).unwrap_or(50);
        let info_fields = reader.optional("INFO_FIELDS", |list| Ok(InfoFields::parse(list)));
        let grace = reader.optional("LEAVE_GRACE_SECONDS", whole_number(0, 3600)).unwrap_or(60);
        let recent = reader.optional("RECENT_SECONDS", whole_number(0, 86_400)).unwrap_or(900);
        let period = scope.map(|scope| scope.period).unwrap_or_default().seconds();
        let snapshot_ttl = reader.optional("SNAPSHOT_TTL_SECONDS", |text| {
            let least = 2 * period;
            text.parse().ok().filter(|seconds| *seconds >= least).ok_or_else(|| {
                format!("must be a whole number of seconds, two periods ({least}) at least")
            })
        });
        let stack_name = reader.optional("STACK_NAME", any_text);
        let shard_bus = reader.optional("SHARD_BUS_NAME", any_text);
        let shard_channels = reader.optional("SHARD_CHANNELS", whole_number(100, 100_000));
        let shard_clients = reader.optional("SHARD_CLIENTS", whole_number(1000, 10_000_000));
        let usual_max = if shard_bus.is_some() { 1_000_000 } else { 10_000 };
        Some(Self {
            scope: scope?.clone(),
            channels_max: channels_max.unwrap_or(usual_max),
            listed_max,
            info_fields: info_fields.unwrap_or_else(|| InfoFields::parse("name,avatar,url")),
            grace: grace / period,
            recent: Duration::from_secs(recent),
            snapshot_ttl: Duration::from_secs(snapshot_ttl.unwrap_or(3600).into()),
            stack_name: stack_name.unwrap_or_else(|| "local".to_owned()),
            shard_bus,
            shard_channels: shard_channels.unwrap_or(5000),
            shard_clients: shard_clients.unwrap_or(250_000),
        })
    }
}
