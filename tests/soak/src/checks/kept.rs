//! What lies in Redis: byte for byte what was committed last (I2), and nothing where nothing was.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use collector::Config;
use harness::Redis;
use store::{KnownChannels, Patience, Store};

use crate::channels::{NAMED, all};
use crate::crowd::Population;
use crate::stack::Stack;
use crate::truth::Truth;
use crate::violation::Violation;

const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(5),
    total: Duration::from_secs(10),
    waits: None,
};

/// Compares all kept views with those of the truth.
pub(crate) async fn kept_views(redis: &Redis, truth: &Truth) -> Result<Vec<Violation>> {
    let client = redis::Client::open(redis.url())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let mut pipeline = redis::pipe();
    for channel in all() {
        pipeline.hgetall(format!("rollcall:{{{channel}}}:view"));
    }
    let views: Vec<HashMap<String, String>> = pipeline.query_async(&mut connection).await?;
    let mut violations = Vec::new();
    for (channel, view) in all().zip(views) {
        let current = truth.channel(channel).and_then(|channel| channel.versions.current());
        let expected = current.map(|version| {
            let taken_at = version.taken_at.to_string();
            [taken_at, version.counts.clone(), version.members.clone()]
        });
        let field = |name: &str| view.get(name).cloned();
        let kept = [field("taken_at"), field("counts"), field("members")];
        let is_same = match &expected {
            Some(expected) => expected.iter().map(Some).eq(kept.iter().map(Option::as_ref)),
            None => view.is_empty(),
        };
        if !is_same {
            let what = format!("{channel} is kept as {kept:?} and was committed as {expected:?}");
            violations.push(Violation::of("I2", what));
        }
    }
    Ok(violations)
}

/// The list of channels, by the product's own reader: its form is free. `None`: there is none.
pub(crate) async fn known_channels(stack: &Stack) -> Result<Option<KnownChannels>> {
    let mut variables = stack.collector_variables();
    variables.insert("REDIS_URL".to_owned(), stack.redis.url());
    let config = Config::read(&|name| variables.get(name).cloned())?;
    let store = Store::new(&config.store, PATIENCE, Arc::new(|| 0))?;
    Ok(store.channels().await?)
}

/// At the end, when all is quiet, nothing is remembered that has ended.
pub(crate) fn remembered(
    known: Option<KnownChannels>,
    population: &Population,
) -> Option<Violation> {
    let is_there = |channel: &String| {
        let census = population.get(channel.as_str()).and_then(Option::as_ref);
        census.is_none_or(|census| census.clients > 0) || NAMED.contains(&channel.as_str())
    };
    let ended: Vec<String> =
        known?.names.into_iter().filter(|channel| !is_there(channel)).collect();
    (!ended.is_empty()).then(|| Violation::of("forgotten", format!("still asked for: {ended:?}")))
}
