//! What was to be announced, and what has been (I3).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::violation::Violation;

/// All that was ever to be announced, by id.
#[derive(Default)]
pub(crate) struct Events {
    expected: BTreeMap<String, Expected>,
    pub(crate) n_arrived: u64,
    pub(crate) n_repeated: u64,
}

struct Expected {
    /// One; several only where a channel was taken twice for the same moment, and all was lost in between.
    details: Vec<Value>,
    /// Whether it has to arrive: what was lost with Redis need not.
    is_due: bool,
    has_arrived: bool,
}

impl Events {
    /// Something has changed, and is to be announced; it need not be where that is open.
    pub(crate) fn expect(&mut self, detail: Value, is_due: bool) {
        let id = detail["id"].as_str().unwrap_or_default().to_owned();
        let new = || Expected { details: Vec::new(), is_due, has_arrived: false };
        let expected = self.expected.entry(id).or_insert_with(new);
        if !expected.details.contains(&detail) {
            expected.details.push(detail);
        }
    }

    /// What was kept for those that have not arrived is gone.
    pub(crate) fn lose(&mut self) {
        for expected in self.expected.values_mut().filter(|expected| !expected.has_arrived) {
            expected.is_due = false;
        }
    }

    /// One that came from the bus.
    pub(crate) fn arrive(&mut self, event: &Value) -> Option<Violation> {
        let wrong = |what: &str| Some(Violation::of("I3", format!("{what}: {event}")));
        let detail = &event["detail"];
        let Some(id) = detail["id"].as_str() else { return wrong("an event without an id") };
        let Some(expected) = self.expected.get_mut(id) else {
            return wrong("announced, and never happened");
        };
        if !expected.details.contains(detail) {
            let expected = &expected.details;
            return wrong(&format!("announced with another content than {expected:?}"));
        }
        if event["source"] != "rollcall" || event["detail-type"] != kind(id) {
            return wrong("announced in a wrong envelope");
        }
        self.n_arrived += 1;
        self.n_repeated += u64::from(std::mem::replace(&mut expected.has_arrived, true));
        None
    }

    /// Those that have to arrive and have not, but for those of a channel that can't be taken.
    pub(crate) fn outstanding(&self, but_of: Option<&str>) -> Vec<&str> {
        let is_out = |expected: &Expected| expected.is_due && !expected.has_arrived;
        let out = self.expected.iter().filter(|(_, expected)| is_out(expected));
        let of = |id: &str| id.split_once('@').map(|(channel, _)| channel.to_owned());
        let out = out.filter(|(id, _)| but_of.is_none() || of(id).as_deref() != but_of);
        out.map(|(id, _)| id.as_str()).collect()
    }

    /// How many had to arrive.
    pub(crate) fn n_expected(&self) -> u64 {
        self.expected.values().filter(|expected| expected.is_due).count() as u64
    }
}

/// The kind of event that an id tells of.
fn kind(id: &str) -> Value {
    json!(match id.rsplit_once('#').map_or("", |(_, end)| end) {
        "changed" => "Presence Changed",
        "occupied" => "Channel Occupied",
        "vacated" => "Channel Vacated",
        "peak" => "Peak Reached",
        _ => "none",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(n: u64) -> Value {
        json!({"id": format!("room:1@{n}#changed"), "joined": [{"id": "uid-1"}]})
    }

    fn sent(detail: &Value) -> Value {
        json!({"source": "rollcall", "detail-type": "Presence Changed", "detail": detail})
    }

    #[test]
    fn one_that_is_missing_shows() {
        let mut events = Events::default();
        events.expect(detail(1), true);
        events.expect(detail(2), false);
        assert_eq!(events.outstanding(None), ["room:1@1#changed"]);
        assert!(events.outstanding(Some("room:1")).is_empty());
        assert_eq!(events.outstanding(Some("room:2")).len(), 1);
        assert_eq!(events.arrive(&sent(&detail(1))), None);
        assert!(events.outstanding(None).is_empty());
        assert_eq!(events.arrive(&sent(&detail(1))), None, "at least once");
        assert_eq!((events.n_arrived, events.n_repeated), (2, 1));
    }

    #[test]
    fn the_same_change_under_another_id_shows() {
        let mut events = Events::default();
        events.expect(detail(1), true);
        assert_eq!(events.arrive(&sent(&detail(1))), None);
        let again = events.arrive(&sent(&detail(2))).unwrap();
        assert!(again.what.contains("never happened"), "{again}");
    }

    #[test]
    fn another_content_and_a_wrong_envelope_show() {
        let mut events = Events::default();
        events.expect(detail(1), true);
        let mut other = detail(1);
        other["joined"] = json!([]);
        assert!(events.arrive(&sent(&other)).unwrap().what.contains("another content"));
        let mut envelope = sent(&detail(1));
        envelope["detail-type"] = json!("Channel Vacated");
        assert!(events.arrive(&envelope).unwrap().what.contains("envelope"));
    }

    #[test]
    fn what_was_lost_need_not_arrive_but_may() {
        let mut events = Events::default();
        events.expect(detail(1), true);
        events.lose();
        assert!(events.outstanding(None).is_empty());
        assert_eq!(events.arrive(&sent(&detail(1))), None);
    }
}
