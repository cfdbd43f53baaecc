//! What visitors may and may not do: look at views and be counted, but neither forge a view nor see who is there.

use std::time::Duration;

use super::insider::{self, Entry, From, Recovery, Tried};
use super::line::Line;
use super::namespaces::{Output, Watched, trial};
use super::see::See;
use super::setting::{place, set_in};
use super::socket::Gone;
use super::subscribe::{self, Entries};
use super::variables::Known;
use super::visitors::Visitors;

const RECOVERY: &str = "centrifugo.recovery";
const PUBLISH: &str = "visitor.publish";
const PRESENCE: &str = "visitor.presence";
const JOINS: &str = "visitor.joins";

/// How long a visitor waits to be told of their own coming, which nobody should be.
const JOIN: Duration = Duration::from_millis(250);

pub(super) async fn look(
    known: &Known,
    visitors: &mut Visitors,
    watched: &[Watched],
    outputs: &[Output],
) -> Vec<Line> {
    let mut lines = Vec::new();
    // Those in whose channel for trials a visitor is.
    let mut entered = Vec::new();
    for watched in watched {
        let found = async {
            let entries = entries(visitors, &watched.channel).await?;
            lines.push(subscribe::counted(watched, &entries, visitors.expect_a_user()));
            look_at_watched(known, visitors, watched).await
        };
        match found.await {
            Ok((line, is_in)) => {
                lines.push(line);
                entered.extend(is_in.then_some(watched.namespace.as_str()));
            }
            Err(gone) => lines.push(broken(&watched.namespace, &gone)),
        }
    }
    for output in outputs {
        let found = async {
            let entries = entries(visitors, &output.channel).await?;
            lines.push(subscribe::readers(output, &entries));
            look_at_output(visitors, output).await
        };
        match found.await {
            Ok(tried) => {
                entered.extend((tried.entry == Entry::Open).then_some(output.namespace.as_str()));
                lines.extend(of_output(output, &tried, !visitors.is_user));
            }
            Err(gone) => lines.push(broken(&output.namespace, &gone)),
        }
    }
    let joins = visitors.insider.told_of_joins(JOIN).await;
    lines.extend(entered.into_iter().map(|namespace| {
        if joins.contains(&trial(namespace)) {
            let change =
                set_in(namespace, r#""join_leave": false, "force_push_join_leave": false"#);
            let says = "each visitor is told who comes and goes, hidden or not";
            Line::wrong(JOINS, place(namespace), says).change(change, See::CONFIGURATION)
        } else {
            Line::ok(JOINS, place(namespace), "nobody is told who comes and goes")
        }
    }));
    lines
}

async fn entries(visitors: &mut Visitors, channel: &str) -> Result<Entries, Gone> {
    let insider = Some(insider::may_enter(&mut visitors.insider, channel).await?);
    if !visitors.is_user {
        return Ok(Entries { guest: insider, user: None });
    }
    let guest = match &mut visitors.guest {
        Some(guest) => Some(insider::may_enter(guest, channel).await?),
        None => None,
    };
    Ok(Entries { guest, user: insider })
}

fn broken(namespace: &str, gone: &Gone) -> Line {
    Line::warn(
        subscribe::WHAT,
        place(namespace),
        format!("what visitors may was not tried: {gone}"),
    )
    .change("see what Centrifugo's log says", See::CONFIGURATION)
}

/// Whether visitors can see who is in the channels of a watched namespace. Whoever subscribes there is counted, so that is
/// tried in a channel that is not watched, if there is one. Tells also whether a visitor is in it now.
async fn look_at_watched(
    known: &Known,
    visitors: &mut Visitors,
    watched: &Watched,
) -> Result<(Line, bool), Gone> {
    let Watched { namespace, .. } = watched;
    let of = place(namespace);
    let trial = trial(namespace);
    if known.scope.as_ref().is_none_or(|scope| scope.watch.contains(&trial)) {
        let line = if insider::may_ask(&mut visitors.insider, &trial).await? {
            seen(namespace, From::Outside, !visitors.is_user)
        } else {
            let says = "visitors can't ask who is there; what subscribers may was not tried: they would be counted";
            Line::ok(PRESENCE, of, says)
        };
        return Ok((line, false));
    }
    let ticket = visitors.ticket(&trial);
    let tried = insider::look(&mut visitors.insider, &trial, ticket.as_deref(), false).await?;
    let line = match (tried.presence, tried.entry) {
        (Some(from), _) => seen(namespace, from, !visitors.is_user),
        (None, Entry::Open) => Line::ok(PRESENCE, of, "visitors can't ask who is there"),
        (None, _) => Line::ok(
            PRESENCE,
            of,
            "visitors can't ask who is there; what subscribers may was not tried",
        ),
    };
    Ok((line, tried.entry == Entry::Open))
}

async fn look_at_output(visitors: &mut Visitors, output: &Output) -> Result<Tried, Gone> {
    let trial = trial(&output.namespace);
    let ticket = visitors.ticket(&trial);
    // What could not be published cannot be taken away again.
    let publishes = output.keeps.is_some();
    insider::look(&mut visitors.insider, &trial, ticket.as_deref(), publishes).await
}

fn of_output(output: &Output, tried: &Tried, is_guest: bool) -> Vec<Line> {
    let Output { namespace, keeps, .. } = output;
    let of = place(namespace);
    if tried.entry == Entry::Unknown {
        return Vec::new();
    }
    let mut lines = vec![match tried.recovery {
        Some(recovery) if *keeps == Some(true) => recovered(namespace, recovery),
        Some(_) if *keeps == Some(false) => Line::skipped(RECOVERY, of, "nothing is kept there"),
        Some(_) => Line::skipped(RECOVERY, of, "nothing could be published there"),
        None if tried.entry == Entry::BadName => {
            Line::skipped(RECOVERY, of, "`channel_regex` there refuses the channel for trials")
        }
        None => Line::skipped(RECOVERY, of, "no visitor of this kind may look at views there"),
    }];
    if keeps.is_some() {
        lines.push(match tried.publish {
            Some(from) => {
                let json = never("publish", from, is_guest);
                let says = "visitors may publish there, and so forge a view";
                Line::wrong(PUBLISH, of, says).change(set_in(namespace, &json), See::CONFIGURATION)
            }
            None => Line::ok(PUBLISH, of, "visitors can't publish there"),
        });
    }
    lines.push(match tried.presence {
        Some(from) => seen(namespace, from, is_guest),
        None => Line::ok(PRESENCE, of, "visitors can't ask who is there"),
    });
    lines
}

fn recovered(namespace: &str, recovery: Recovery) -> Line {
    let of = place(namespace);
    let wrong = |says: &str, json: &str| {
        Line::wrong(RECOVERY, of, says).change(set_in(namespace, json), See::CONFIGURATION)
    };
    match recovery {
        Recovery::Given => Line::ok(RECOVERY, of, "whoever subscribes gets the last view at once"),
        Recovery::Off => wrong(
            "whoever subscribes waits for the next view: nothing is recovered",
            r#""force_recovery": true, "force_recovery_mode": "cache", "auto_cache_recover": true"#,
        ),
        Recovery::NoCache => wrong(
            "whoever subscribes waits for the next view: recovery is not by cache",
            r#""force_recovery_mode": "cache", "auto_cache_recover": true"#,
        ),
        Recovery::OnlyIfAsked => wrong(
            "whoever subscribes waits for the next view: the kept one is only for those who ask",
            r#""auto_cache_recover": true"#,
        ),
    }
}

fn seen(namespace: &str, from: From, is_guest: bool) -> Line {
    Line::wrong(PRESENCE, place(namespace), "visitors can ask who is there, hidden users included")
        .change(set_in(namespace, &never("presence", from, is_guest)), See::CONFIGURATION)
}

/// The options by which something is allowed, switched off.
fn never(what: &str, from: From, is_guest: bool) -> String {
    let by = match from {
        From::Outside => "client",
        From::Inside => "subscriber",
    };
    let guests =
        if is_guest { format!(r#", "allow_{what}_for_anonymous": false"#) } else { String::new() };
    format!(r#""allow_{what}_for_{by}": false{guests}"#)
}
