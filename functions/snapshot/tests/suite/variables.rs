//! The list of all variables is that of those which are read.

use std::cell::RefCell;
use std::collections::BTreeSet;

use harness::VARIABLES;
use settings::Reader;

/// Those that the collector alone reads, and `STACK_NAME`, which the template gives to both: the dimension of the metrics,
/// and this function has none yet.
const NOT_READ: [&str; 15] = [
    "CENTRIFUGO_API_KEY",
    "CENTRIFUGO_API_URL",
    "EVENT_BUS_NAME",
    "EVENT_WEBHOOK_SECRET",
    "EVENT_WEBHOOK_URL",
    "INFO_FIELDS",
    "LEAVE_GRACE_SECONDS",
    "LISTED_MAX",
    "RECENT_SECONDS",
    "SHARD_BUS_NAME",
    "SHARD_CHANNELS",
    "SHARD_CLIENTS",
    "SNAPSHOT_TTL_SECONDS",
    "STACK_NAME",
    "WATCH_CHANNELS_MAX",
];

#[test]
fn every_variable_that_is_read_is_in_the_list() {
    let asked = RefCell::new(BTreeSet::new());
    let lookup = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        None
    };
    let mut reader = Reader::new(&lookup);
    let _ = http_api::Config::read(&mut reader);
    let _ = store::Config::read(&mut reader);
    // What AWS sets is no setting of ours.
    let own = |name: &&str| !name.starts_with("AWS_");
    let mut expected: BTreeSet<&str> = VARIABLES.into_iter().filter(own).collect();
    for other in NOT_READ {
        assert!(expected.remove(other), "{other} is not in the list");
    }
    let asked = asked.borrow();
    let asked: BTreeSet<&str> = asked.iter().map(String::as_str).filter(own).collect();
    assert_eq!(asked, expected);
}
