//! The JSON Schema of each detail type, as published in `docs/events`.

use std::sync::LazyLock;

use jsonschema::Validator;
use presence::{Event, Kind};
use serde_json::{Value, json};

static CHANGED: LazyLock<Validator> = LazyLock::new(|| {
    validator(include_str!("../../../../docs/events/presence-changed.schema.json"))
});
static OCCUPIED: LazyLock<Validator> = LazyLock::new(|| {
    validator(include_str!("../../../../docs/events/channel-occupied.schema.json"))
});
static VACATED: LazyLock<Validator> = LazyLock::new(|| {
    validator(include_str!("../../../../docs/events/channel-vacated.schema.json"))
});
static PEAK: LazyLock<Validator> =
    LazyLock::new(|| validator(include_str!("../../../../docs/events/peak-reached.schema.json")));

fn validator(schema: &str) -> Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

/// Asserts that an event is what its schema says, and gives its detail.
pub(crate) fn valid(event: &Event) -> Value {
    let detail: Value = serde_json::from_str(&event.detail).unwrap();
    let validator = match event.kind {
        Kind::Changed => &CHANGED,
        Kind::Occupied => &OCCUPIED,
        Kind::Vacated => &VACATED,
        Kind::Peak => &PEAK,
    };
    let errors: Vec<String> =
        validator.iter_errors(&detail).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {}", event.detail);
    detail
}

#[test]
fn the_schemas_refuse_what_is_no_event() {
    let good = json!({"v": 1, "id": "a@7#vacated", "channel": "a", "taken_at": 7, "present": 0, "users": 0, "guests": 0});
    assert!(VACATED.is_valid(&good));
    assert!(!OCCUPIED.is_valid(&good) && !CHANGED.is_valid(&good) && !PEAK.is_valid(&good));
}
