//! What collectors say of themselves, and what an undisturbed one must have done (I6, I8).

use std::collections::BTreeSet;

use serde_json::json;

use crate::channels::{BROKEN_ROOM, NAMED, NOWHERE, VAULT, all};
use crate::collectors::{Ended, Fate};
use crate::crowd::Population;
use crate::secrets::Search;
use crate::story::Part;
use crate::truth::{Committed, Truth};
use crate::violation::Violation;

const ERROR_TYPES: [&str; 3] = ["CentrifugoUnavailable", "CentrifugoRefused", "StoreUnavailable"];

/// What holds of every roll call, however disturbed.
pub(crate) fn reports(
    ended: &[Ended],
    committed: &[Committed],
    search: &mut Search,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for Ended { start, fate, log } in ended {
        violations.extend(search.log("a collector's log", log));
        let wrong = match fate {
            Fate::Killed => continue,
            Fate::Died => "ended with neither a report nor an error",
            Fate::Failed(error_type) if ERROR_TYPES.contains(&error_type.as_str()) => continue,
            Fate::Failed(_) => "failed under a name that is not stable",
            Fate::Reported(report) if report["taken_at"] != start.taken_at => {
                "reports another moment"
            }
            Fate::Reported(report) if report["dropped"] != 0 => "dropped events",
            Fate::Reported(report) => {
                let n = |name: &str| report[name].as_u64().unwrap_or_default();
                let is_of = |committed: &&Committed| committed.taken_at == start.taken_at;
                let n_committed = committed.iter().filter(is_of).count() as u64;
                let may_do_nothing = matches!(start.part, Part::Shard(_)) && n("watched") == 0;
                match n("committed") {
                    0 if n("superseded") + n("handed_out") == 0 && !may_do_nothing => {
                        "did nothing and calls it a success"
                    }
                    says if says > n_committed => "reports commits that never were",
                    _ => continue,
                }
            }
        };
        violations.push(Violation::of("report", format!("a collector {wrong}: {log}")));
    }
    violations
}

/// An undisturbed roll call.
pub(crate) struct Calm<'c> {
    pub(crate) ended: &'c Ended,
    pub(crate) population: &'c Population,
    pub(crate) committed: &'c [Committed],
}

/// What an undisturbed roll call must have done; `must` says of which channels.
pub(crate) fn calm(calm: &Calm<'_>, must: &BTreeSet<&str>, truth: &Truth) -> Vec<Violation> {
    let Calm { ended: Ended { start, fate, log }, population, committed } = calm;
    let Fate::Reported(report) = fate else {
        return vec![Violation::of("I6", format!("an undisturbed roll call fails: {log}"))];
    };
    let mut violations = Vec::new();
    for channel in must {
        let current = truth.channel(channel).and_then(|channel| channel.versions.current());
        if current.is_none_or(|current| current.taken_at != start.clock) {
            let what = format!("{channel} was not taken by an undisturbed roll call: {report}");
            violations.push(Violation::of("I6", what));
        }
    }
    let is_broken = population.get(BROKEN_ROOM).is_some_and(Option::is_none);
    let expected = [(NOWHERE, true), (BROKEN_ROOM, is_broken)];
    let expected: BTreeSet<&str> =
        expected.iter().filter(|(_, fails)| *fails).map(|(channel, _)| *channel).collect();
    let failed = report["failed"].as_array().into_iter().flatten();
    let failed: BTreeSet<&str> = failed.filter_map(|failed| failed["channel"].as_str()).collect();
    if failed != expected {
        let what =
            format!("an undisturbed roll call fails at {failed:?}, not {expected:?}: {report}");
        violations.push(Violation::of("I6", what));
    }
    let is_vault = |committed: &&Committed| committed.channel == VAULT;
    let sums = json!({
        "committed": committed.len(),
        "superseded": 0,
        "published": committed.len() + committed.iter().filter(is_vault).count(),
        "joined": committed.iter().map(|committed| committed.joined).sum::<u64>(),
        "left": committed.iter().map(|committed| committed.left).sum::<u64>(),
    });
    for (name, sum) in sums.as_object().into_iter().flatten() {
        if report[name] != *sum {
            let what =
                format!("an undisturbed roll call reports a wrong {name}, not {sum}: {report}");
            violations.push(Violation::of("report", what));
        }
    }
    violations
}

/// The channels that an undisturbed roll call must take.
pub(crate) fn must_be_taken(truth: &Truth, population: &Population) -> BTreeSet<&'static str> {
    let must = |channel: &&'static str| {
        let census = population.get(channel).and_then(Option::as_ref);
        truth.must_be_taken(channel, census, NAMED.contains(channel))
    };
    all().filter(must).collect()
}
