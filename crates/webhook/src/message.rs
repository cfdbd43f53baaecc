//! An event as it is sent: its type, its id, its body.

use std::fmt::Write as _;

use presence::{Event, Kind, Millis};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

/// Bytes of a hash that an id has: 32 hex digits.
const ID_BYTES: usize = 16;

/// `webhook-id`: the same on every try, and no byte of it chosen by a visitor, who may have named the channel.
pub(crate) fn id(event: &Event) -> String {
    id_of(&event.id)
}

fn id_of(text: &str) -> String {
    let hash = Sha256::digest(text);
    let mut id = "evt_".to_owned();
    for byte in &hash[..ID_BYTES] {
        // A String takes whatever is written to it.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// The body: `{"type":"presence.changed","timestamp":"2026-09-21T13:33:20.000Z","data":{…}}`.
pub(crate) fn body(event: &Event) -> String {
    let name = match event.kind {
        Kind::Changed => "presence.changed",
        Kind::Occupied => "channel.occupied",
        Kind::Vacated => "channel.vacated",
        Kind::Peak => "peak.reached",
    };
    body_of(name, taken_at(event), &event.detail)
}

/// Id and body of a message that says nothing but that it came: a trial made at that moment.
pub(crate) fn trial(now: Millis) -> (String, String) {
    (id_of(&format!("rollcall.check@{now}")), body_of("rollcall.check", now, r#"{"v":1}"#))
}

fn body_of(name: &str, moment: Millis, data: &str) -> String {
    let timestamp = timestamp(moment).unwrap_or_default();
    format!(r#"{{"type":"{name}","timestamp":"{timestamp}","data":{data}}}"#)
}

/// The moment of an event, which its id tells: `site:main@1790000000000#changed`.
fn taken_at(event: &Event) -> u64 {
    let behind = event.id.rsplit_once('@').map_or("", |(_, behind)| behind);
    behind.split('#').next().unwrap_or_default().parse().unwrap_or_default()
}

/// RFC 3339 in UTC with milliseconds; `None` past the year 9999.
fn timestamp(millis: u64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()?;
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    moment.format(format).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str) -> Event {
        Event::of_detail(&format!(r#"{{"v":1,"id":"{id}","channel":"x"}}"#)).unwrap()
    }

    #[test]
    fn an_id_is_of_the_events_id_and_of_nothing_else() {
        // printf 'site:main@1790000000000#changed' | sha256sum | cut -c-32
        assert_eq!(
            id(&event("site:main@1790000000000#changed")),
            "evt_a89e1bf2d16f4f054be8ea42b83aa70e"
        );
        assert_ne!(id(&event("a@1#changed")), id(&event("a@1#changed.2")));
    }

    #[test]
    fn a_body_has_type_moment_and_detail() {
        assert_eq!(
            body(&event("a@b#c@1790000000007#peak")),
            r#"{"type":"peak.reached","timestamp":"2026-09-21T14:13:20.007Z","data":{"v":1,"id":"a@b#c@1790000000007#peak","channel":"x"}}"#
        );
        for (end, name) in [
            ("changed.2", "presence.changed"),
            ("occupied", "channel.occupied"),
            ("vacated", "channel.vacated"),
        ] {
            let body = body(&event(&format!("a@0#{end}")));
            assert!(
                body.starts_with(&format!(
                    r#"{{"type":"{name}","timestamp":"1970-01-01T00:00:00.000Z","#
                )),
                "{body}"
            );
        }
    }
}
