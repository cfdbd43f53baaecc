//! How shards come to those who take them: EventBridge promises at least once, and neither an order nor a time.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::story::{Part, Start};
use crate::tally::Tally;

/// Shards that are on their way.
#[derive(Default)]
pub(crate) struct Delivery {
    /// To be taken now, in this order.
    pub(crate) now: Vec<Start>,
    /// To be taken in the next round.
    pub(crate) held_up: Vec<Value>,
}

impl Delivery {
    /// Delivers what was handed out, as events of EventBridge, by chance: once, twice, late, or not at all.
    pub(crate) fn of(mut events: Vec<Value>, chance: &mut Chance, tally: &mut Tally) -> Self {
        // The queue has no order that a story could rely on.
        events.sort_by_key(|event| event["detail"]["shard"].as_u64());
        let mut delivery = Self::default();
        for event in events {
            let mut shard = event["detail"].clone();
            let at = shard["taken_at"].as_u64().unwrap_or_default();
            let soon = at + chance.between(100, 5000);
            let (what, now) = match chance.weighted(&[60, 14, 8, 8, 6, 4]) {
                0 => ("once", vec![soon]),
                1 => ("twice", vec![soon, soon + 1]),
                2 => ("lost", vec![]),
                3 => {
                    delivery.held_up.push(shard.clone());
                    ("held up", vec![])
                }
                4 => ("too late", vec![at + 70_000]),
                _ => {
                    shard["stack"] = json!("another");
                    ("another stack's", vec![soon])
                }
            };
            tally.add(&format!("shard, {what}"), 1);
            for clock in now {
                delivery.now.insert(chance.index(delivery.now.len() + 1), start(&shard, clock));
            }
        }
        delivery
    }

    /// What was held up comes while the next minute's roll call is taken.
    pub(crate) fn after_all(held_up: Vec<Value>, clock: u64) -> impl Iterator<Item = Start> {
        held_up.into_iter().map(move |shard| start(&shard, clock))
    }
}

fn start(shard: &Value, clock: u64) -> Start {
    Start {
        clock,
        taken_at: shard["taken_at"].as_u64().unwrap_or_default(),
        is_wrong: false,
        within: 8000,
        part: Part::Shard(shard.clone()),
    }
}
