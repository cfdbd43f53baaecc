//! Events, their ids and their splitting.

use std::borrow::Cow;

use presence::*;

use crate::schemas::valid;

const COUNTS: Counts = Counts { present: 9, users: 8, guests: 1, clients: 12 };

fn member(n: usize) -> Member<'static> {
    Member { since: 1, id: Cow::Owned(format!("{n:0>1000}")), clients: 1, info: Info::default() }
}

fn left(n: usize) -> Left {
    Left { id: format!("l{n:0>1000}"), info: Info::default(), since: 1, last_seen: 2 }
}

#[test]
fn no_change_is_no_event() {
    assert_eq!(events("a", 7, COUNTS, &Changes::default()), []);
}

#[test]
fn each_kind_has_its_id_and_is_read_from_its_detail() {
    let changes = Changes {
        joined: vec![member(1)],
        left: vec![],
        occupied: true,
        vacated: true,
        passed: Some(Peak { present: 8, at: 5 }),
    };
    let told = events("a#b.c", 7, COUNTS, &changes);
    for event in &told {
        assert_eq!(Event::of_detail(&event.detail).as_ref(), Some(event));
    }
    let told: Vec<_> = told.iter().map(|event| (event.id.clone(), event.kind)).collect();
    let expected = [
        ("a#b.c@7#changed", Kind::Changed),
        ("a#b.c@7#occupied", Kind::Occupied),
        ("a#b.c@7#vacated", Kind::Vacated),
        ("a#b.c@7#peak", Kind::Peak),
    ];
    assert_eq!(told, expected.map(|(id, kind)| (id.to_owned(), kind)));
}

#[test]
fn what_is_no_detail_of_ours_is_no_event() {
    for detail in ["", "{}", "{\"id\":7}", "{\"id\":\"a@7\"}", "{\"id\":\"a@7#renamed\"}", "\"id\""]
    {
        assert_eq!(Event::of_detail(detail), None, "{detail}");
    }
}

#[test]
fn an_id_too_long_for_any_event_costs_nobody_else_theirs() {
    let endless = Member { id: "x".repeat(DETAIL_BYTES_MAX).into(), ..member(0) };
    let changes = Changes { joined: vec![member(1), endless, member(2)], ..Changes::default() };
    let told = events("site:main", 7, COUNTS, &changes);
    assert_eq!(told.len(), 1);
    let joined = &valid(&told[0])["joined"];
    let ids = [0, 1].map(|index| joined[index]["id"].as_str().unwrap().to_owned());
    assert_eq!(ids, [member(1).id, member(2).id]);
}

#[test]
fn what_is_too_long_for_one_event_is_split_and_nothing_is_lost() {
    let changes = Changes {
        joined: (0..600).map(member).collect(),
        left: (0..500).map(left).collect(),
        ..Changes::default()
    };
    let told = events("site:main", 7, COUNTS, &changes);
    assert_eq!(told.len(), 5);
    let (mut joined, mut gone) = (Vec::new(), Vec::new());
    for (index, event) in told.iter().enumerate() {
        assert_eq!(event.id, format!("site:main@7#changed.{}", index + 1));
        assert_eq!(event.kind, Kind::Changed);
        assert!(event.detail.len() <= DETAIL_BYTES_MAX, "{}", event.detail.len());
        let detail = valid(event);
        assert_eq!((&detail["present"], &detail["id"]), (&9.into(), &event.id.as_str().into()));
        joined.extend(
            detail["joined"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        gone.extend(
            detail["left"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
    }
    assert_eq!(
        joined,
        changes.joined.iter().map(|one| one.id.clone().into_owned()).collect::<Vec<_>>()
    );
    assert_eq!(gone, changes.left.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
}
