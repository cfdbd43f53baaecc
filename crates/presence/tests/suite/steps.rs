//! Single steps of a channel's life.

use serde_json::{Value, json};

use crate::channel::{Channel, Told};

const T: u64 = 1_790_000_000_000;
const MINUTE: u64 = 60_000;

fn named(name: &str) -> Value {
    json!({"name": name})
}

#[test]
fn who_comes_is_told_with_all_that_a_member_has() {
    let mut channel = Channel::new();
    let told = channel.roll_call(
        T,
        &[("2", named("Bo")), ("1", named("Ann")), ("1", named("Ann")), ("", json!({}))],
    );
    assert_eq!(
        told.event("#changed").unwrap(),
        &json!({"v": 1, "id": format!("site:main@{T}#changed"), "channel": "site:main", "taken_at": T,
            "present": 3, "users": 2, "guests": 1,
            "joined": [{"id": "1", "info": {"name": "Ann"}, "clients": 2, "since": T},
                       {"id": "2", "info": {"name": "Bo"}, "clients": 1, "since": T}],
            "left": []})
    );
    assert_eq!(
        told.event("#occupied").unwrap(),
        &json!({"v": 1, "id": format!("site:main@{T}#occupied"), "channel": "site:main", "taken_at": T,
            "present": 3, "users": 2, "guests": 1})
    );
    assert_eq!(told.events.len(), 2, "there was no record to pass");
    assert!(
        channel.roll_call(T + MINUTE, &[("1", named("Ann")), ("2", json!({}))]).events.is_empty()
    );
}

#[test]
fn an_absence_within_the_grace_announces_nothing_and_keeps_since() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[("1", named("Ann"))]);
    let missed = channel.roll_call(T + MINUTE, &[]);
    assert!(missed.events.is_empty() && missed.listed("members").is_empty());
    assert_eq!(
        missed.view["recent"],
        json!([{"id": "1", "info": {"name": "Ann"}, "last_seen": T}])
    );
    let back = channel.roll_call(T + 2 * MINUTE, &[("1", named("Ann"))]);
    assert!(back.events.is_empty() && back.listed("recent").is_empty());
    assert_eq!(back.view["members"][0]["since"], T);
}

#[test]
fn the_second_miss_is_a_leaving_and_vacates_the_channel() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[("1", named("Ann"))]);
    assert!(!channel.roll_call(T + MINUTE, &[]).settled);
    let told = channel.roll_call(T + 2 * MINUTE, &[]);
    assert_eq!(
        told.event("#changed").unwrap()["left"],
        json!([{"id": "1", "info": {"name": "Ann"}, "since": T, "last_seen": T}])
    );
    assert!(told.event("#vacated").is_some() && told.settled);
    assert_eq!(told.listed("recent"), ["1"]);
    let back = channel.roll_call(T + 3 * MINUTE, &[("1", named("Ann"))]);
    assert_eq!(back.changed("joined"), ["1"]);
    assert!(back.event("#occupied").is_some());
    assert_eq!(back.view["members"][0]["since"], T + 3 * MINUTE);
}

#[test]
fn without_grace_the_first_miss_is_a_leaving() {
    let mut channel = Channel { grace: 0, ..Channel::new() };
    channel.roll_call(T, &[("1", named("Ann"))]);
    let told = channel.roll_call(T + MINUTE, &[]);
    assert_eq!(told.changed("left"), ["1"]);
    assert!(told.event("#vacated").is_some());
}

#[test]
fn becoming_hidden_reads_as_leaving_at_once_and_gives_nothing_away() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[("1", named("Ann")), ("2", named("Bo"))]);
    let told = channel.roll_call(
        T + MINUTE,
        &[("1", json!({"name": "Secret", "hidden": true})), ("2", named("Bo"))],
    );
    assert_eq!(
        told.event("#changed").unwrap()["left"],
        json!([{"id": "1", "info": {"name": "Ann"}, "since": T, "last_seen": T}])
    );
    assert_eq!((told.listed("members"), told.listed("recent")), (vec!["2".to_owned()], vec![]));
    assert_eq!(told.view["guests"], 1);
    let later = channel.roll_call(T + 2 * MINUTE, &[("2", named("Bo"))]);
    assert!(later.events.is_empty() && later.listed("recent").is_empty());
    let (_, users) = channel.ledger.as_ref().unwrap();
    assert!(
        !String::from_utf8_lossy(users).contains("Ann")
            && !String::from_utf8_lossy(users).contains("Secret")
    );
}

#[test]
fn becoming_a_guest_by_the_setting_reads_as_leaving_at_once_even_for_who_is_absent() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[("1", named("Ann")), ("2", named("Bo")), ("3", json!({}))]);
    channel.guests = "1,2".to_owned();
    let told = channel.roll_call(T + MINUTE, &[("1", named("Ann")), ("3", json!({}))]);
    assert_eq!(told.changed("left"), ["1", "2"]);
    assert!(told.listed("recent").is_empty());
    assert_eq!(told.view["guests"], 1);
}

#[test]
fn a_baseline_announces_nothing_and_begins_occupied() {
    let mut channel = Channel::new();
    assert!(channel.baseline(T, &[("1", named("Ann"))]).events.is_empty());
    let told = channel.roll_call(T + MINUTE, &[("1", named("Ann")), ("2", named("Bo"))]);
    assert_eq!(told.changed("joined"), ["2"]);
    assert!(told.event("#occupied").is_none());
}

#[test]
fn records_of_the_day_and_of_all_days() {
    let mut channel = Channel::new();
    let midnight = T / 86_400_000 * 86_400_000 + 86_400_000;
    let peak = |present: u64, at: u64| json!({"present": present, "at": at});
    channel.roll_call(midnight - MINUTE, &[("1", json!({})), ("2", json!({}))]);
    let told = channel.roll_call(midnight, &[("1", json!({}))]);
    assert_eq!(
        told.view["peak"],
        json!({"today": peak(1, midnight), "ever": peak(2, midnight - MINUTE)})
    );
    let told =
        channel.roll_call(midnight + MINUTE, &[("1", json!({})), ("", json!({})), ("", json!({}))]);
    assert_eq!(told.event("#peak").unwrap()["previous"], peak(2, midnight - MINUTE));
    assert_eq!(told.view["peak"]["ever"], peak(3, midnight + MINUTE));
    let equal = channel
        .roll_call(midnight + 2 * MINUTE, &[("1", json!({})), ("", json!({})), ("", json!({}))]);
    assert!(equal.event("#peak").is_none());
    assert_eq!(equal.view["peak"]["ever"]["at"], midnight + MINUTE);
}

#[test]
fn a_ledger_from_the_future_is_mended() {
    let mut channel = Channel::new();
    let future = T + 365 * 86_400_000;
    let before = channel.roll_call(future, &[("1", named("Ann")), ("2", named("Bo"))]);
    let told = channel.roll_call(T, &[("1", named("Ann"))]);
    assert_ne!(before.version_epoch, told.version_epoch);
    assert_eq!(told.view["members"][0]["since"], T);
    assert_eq!(told.view["peak"]["ever"], json!({"present": 2, "at": T}));
    assert!(told.events.is_empty(), "Bo's miss is the first: {told:?}");
    assert_eq!(
        told.view["recent"],
        json!([{"id": "2", "info": {"name": "Bo"}, "last_seen": T}]),
        "who was seen by a broken clock was seen now"
    );
    let next = channel.roll_call(T + MINUTE, &[("1", named("Ann"))]);
    assert_eq!(next.changed("left"), ["2"]);
    assert_eq!(next.version_epoch, told.version_epoch);
}

#[test]
fn a_record_from_the_future_is_told_as_one_of_now() {
    let mut channel = Channel::new();
    channel.roll_call(T + 60 * MINUTE, &[("1", json!({}))]);
    let told = channel.roll_call(T, &[("1", json!({})), ("", json!({}))]);
    assert_eq!(told.event("#peak").unwrap()["previous"], json!({"present": 1, "at": T}));
}

#[test]
fn a_record_of_nobody_is_no_record() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[]);
    assert!(channel.roll_call(T + MINUTE, &[("1", json!({}))]).event("#peak").is_none());
    let told = channel.roll_call(T + 2 * MINUTE, &[("1", json!({})), ("", json!({}))]);
    assert_eq!(told.event("#peak").unwrap()["previous"]["present"], 1);
}

#[test]
fn without_recent_nobody_who_is_gone_is_listed() {
    let mut channel = Channel { recent_seconds: 0, ..Channel::new() };
    channel.roll_call(T + MINUTE, &[("1", named("Ann"))]);
    for at in [T, T + 2 * MINUTE] {
        assert!(channel.roll_call(at, &[]).listed("recent").is_empty(), "{at}");
    }
}

#[test]
fn an_info_that_changed_is_shown_and_told_as_it_was_last() {
    let mut channel = Channel::new();
    channel.roll_call(T, &[("1", named("Ann"))]);
    assert_eq!(
        channel.roll_call(T + MINUTE, &[("1", named("Anna"))]).view["members"][0]["info"],
        named("Anna")
    );
    channel.roll_call(T + 2 * MINUTE, &[]);
    let told = channel.roll_call(T + 3 * MINUTE, &[]);
    assert_eq!(told.event("#changed").unwrap()["left"][0]["info"], named("Anna"));
}

#[test]
fn what_may_not_be_shown_any_more_is_not_shown_of_who_is_gone() {
    let mut channel = Channel { fields: "name,email", ..Channel::new() };
    channel.roll_call(T, &[("1", json!({"name": "Ann", "email": "a@b.c"}))]);
    channel.fields = "name";
    let told = channel.roll_call(T + MINUTE, &[]);
    assert_eq!(told.view["recent"][0]["info"], named("Ann"));
    let told = channel.roll_call(T + 2 * MINUTE, &[]);
    assert_eq!(told.event("#changed").unwrap()["left"][0]["info"], named("Ann"));
}

#[test]
fn what_may_be_shown_follows_the_setting_although_the_info_stays_the_same() {
    let mut channel = Channel { fields: "name", ..Channel::new() };
    let ann = [("1", json!({"name": "Ann", "email": "a@example.com", "city": "Bern"}))];
    let shown = |told: &Told| told.view["members"][0]["info"].clone();
    assert_eq!(shown(&channel.roll_call(100_000, &ann)), json!({"name": "Ann"}));
    assert_eq!(shown(&channel.roll_call(160_000, &ann)), json!({"name": "Ann"}));
    channel.fields = "name,city";
    assert_eq!(shown(&channel.roll_call(220_000, &ann)), json!({"name": "Ann", "city": "Bern"}));
    channel.fields = "city";
    assert_eq!(shown(&channel.roll_call(280_000, &ann)), json!({"city": "Bern"}));
}

#[test]
fn at_most_twenty_are_recent_the_latest_first() {
    let mut channel = Channel::new();
    let ids: Vec<String> = (10..40).map(|n| n.to_string()).collect();
    let all: Vec<_> = ids.iter().map(|id| (id.as_str(), json!({}))).collect();
    channel.roll_call(T, &all);
    channel.roll_call(T + MINUTE, &all[5..]);
    let told = channel.roll_call(T + 2 * MINUTE, &all[20..]);
    let expected: Vec<_> = ids[5..20].iter().chain(&ids[..5]).cloned().collect();
    assert_eq!(told.listed("recent"), expected);
    assert_eq!(channel.roll_call(T + 3 * MINUTE, &[]).listed("recent").len(), 20);
}
