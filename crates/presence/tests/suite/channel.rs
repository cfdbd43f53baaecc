//! A channel that lives from roll call to roll call, its ledger kept as bytes in between.

use presence::*;
use serde::de::DeserializeSeed;
use serde_json::{Map, Value, json};

use crate::schemas::valid;

/// What one roll call told.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    /// The members view.
    pub(crate) view: Value,
    /// The details of the events, parsed.
    pub(crate) events: Vec<Value>,
    pub(crate) settled: bool,
    pub(crate) version_epoch: Millis,
}

pub(crate) struct Channel {
    pub(crate) grace: u32,
    pub(crate) recent_seconds: u64,
    pub(crate) guests: String,
    pub(crate) fields: &'static str,
    pub(crate) ledger: Option<(Vec<u8>, Vec<u8>)>,
}

impl Channel {
    pub(crate) fn new() -> Self {
        Self {
            grace: 1,
            recent_seconds: 900,
            guests: "anonymous".to_owned(),
            fields: "name",
            ledger: None,
        }
    }

    /// A roll call that meets these clients: user id and `conn_info`.
    pub(crate) fn roll_call(&mut self, taken_at: Millis, clients: &[(&str, Value)]) -> Told {
        self.roll_call_after(taken_at, clients, Before::Nothing)
    }

    /// The same, where nothing is known and nothing may be announced.
    pub(crate) fn baseline(&mut self, taken_at: Millis, clients: &[(&str, Value)]) -> Told {
        self.ledger = None;
        self.roll_call_after(taken_at, clients, Before::Baseline)
    }

    fn roll_call_after(
        &mut self,
        taken_at: Millis,
        clients: &[(&str, Value)],
        without_ledger: Before<'_>,
    ) -> Told {
        let guests = Guests::parse(&self.guests).unwrap();
        let fields = InfoFields::parse(self.fields);
        let client = |(index, (user, info)): (usize, &(&str, Value))| {
            (format!("c{index}"), json!({"user": user, "conn_info": info}))
        };
        let answer: Map<String, Value> = clients.iter().enumerate().map(client).collect();
        let answer = serde_json::to_string(&answer).unwrap();
        let mut json = serde_json::Deserializer::from_str(&answer);
        let census =
            CensusTaker { guests: &guests, fields: &fields }.deserialize(&mut json).unwrap();
        let counts = census.counts();
        let kept = self.ledger.take();
        let before = match &kept {
            Some((head, users)) => Before::Ledger { head, users },
            None => without_ledger,
        };
        let rules = Rules {
            guests: &guests,
            fields: &fields,
            grace: self.grace,
            recent: self.recent_seconds * 1000,
            listed_max: 50,
        };
        let comparison = compare(census, before, taken_at, rules);
        assert!(!comparison.is_unreadable);
        let heading = Heading {
            channel: "site:main",
            taken_at,
            period: Period::default(),
            counts,
            peaks: comparison.head.peaks(),
            live: None,
        };
        let events = events("site:main", taken_at, counts, &comparison.changes);
        let told = Told {
            view: serde_json::from_str(&views(heading, &comparison.listing).members).unwrap(),
            events: events.iter().map(valid).collect(),
            settled: comparison.settled,
            version_epoch: comparison.head.version_epoch(),
        };
        self.ledger = Some((comparison.head.to_bytes(), comparison.users));
        told
    }
}

impl Told {
    /// The detail of the event whose id ends so.
    pub(crate) fn event(&self, kind: &str) -> Option<&Value> {
        self.events.iter().find(|event| event["id"].as_str().unwrap().ends_with(kind))
    }

    /// The ids in a list of the `#changed` event.
    pub(crate) fn changed(&self, list: &str) -> Vec<String> {
        self.event("#changed").map(|event| ids(&event[list])).unwrap_or_default()
    }

    /// The ids in a list of the view.
    pub(crate) fn listed(&self, list: &str) -> Vec<String> {
        ids(&self.view[list])
    }
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}
