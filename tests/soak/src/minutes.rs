//! How many were present in each minute of a day, as the history must tell it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

const MINUTE: u64 = 60_000;
const MINUTES: u64 = 1440;

/// The most who were present, by minute.
#[derive(Debug, Default)]
pub(crate) struct Minutes(BTreeMap<u64, u64>);

impl Minutes {
    /// A roll call. Later minutes are those of a clock that was wrong: they go.
    pub(crate) fn count(&mut self, taken_at: u64, present: u64) {
        let minute = taken_at / MINUTE;
        self.0.retain(|before, _| *before <= minute && before + MINUTES > minute);
        let most = self.0.entry(minute).or_default();
        *most = present.max(*most);
    }

    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// The history with the records of the counts view.
    pub(crate) fn history(&self, channel: &str, counts: &str) -> Option<Value> {
        let (last, _) = self.0.last_key_value()?;
        let from = last + 1 - MINUTES;
        let present: Vec<Option<&u64>> = (from..=*last).map(|minute| self.0.get(&minute)).collect();
        let view: Value = serde_json::from_str(counts).ok()?;
        Some(json!({
            "v": 1, "channel": channel, "step": 60, "from": from * MINUTE,
            "present": present, "peak": view["peak"],
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_its_most_and_those_from_the_future_go() {
        let mut minutes = Minutes::default();
        let at = |minute: u64| minute * MINUTE;
        for (minute, present) in [(2000, 3), (2000, 1), (2060, 9), (2002, 2)] {
            minutes.count(at(minute) + 7, present);
        }
        let history = minutes.history("room:1", r#"{"peak":{}}"#).unwrap();
        assert_eq!(history["from"], at(2002 - 1439));
        let present = history["present"].as_array().unwrap();
        assert_eq!(present[1437..], [json!(3), json!(null), json!(2)]);
        assert!(present[..1437].iter().all(Value::is_null));
        minutes.count(at(2000 + 1441), 5);
        let history = minutes.history("room:1", r#"{"peak":{}}"#).unwrap();
        assert_eq!((&history["present"][0], &history["present"][1]), (&json!(2), &json!(null)));
    }
}
