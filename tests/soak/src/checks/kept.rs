//! What lies in Redis: byte for byte what was committed last (I2), and nothing where nothing was.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use collector::Config;
use harness::Redis;
use store::{Patience, Store};

use crate::channels::all;
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

/// Whether there was no roll call yet that got through, or all was lost since: the product's own word for it.
pub(crate) async fn first_roll_call_is_not_through(stack: &Stack) -> Result<bool> {
    let mut variables = stack.collector_variables();
    variables.insert("REDIS_URL".to_owned(), stack.redis.url());
    let config = Config::read(&|name| variables.get(name).cloned())?;
    let store = Store::new(&config.store, PATIENCE, Arc::new(|| 0))?;
    Ok(store.channels().await?.is_none_or(|known| known.is_baseline))
}
