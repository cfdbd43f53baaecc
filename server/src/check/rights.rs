//! What visitors may and may not do: look at views and be counted, but neither forge a view nor see who is there.

use std::time::Duration;

use super::insider::{self, By, Entry, Recovery, Tried};
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

/// Tries what both visitors may in each namespace.
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
                lines.extend(of_output(output, &tried, visitors.is_user));
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

/// Whether visitors can see who is in the channels of a watched namespace. Whoever subscribes there is counted, so what
/// subscribers may is tried in a channel that is not watched, if there is one. Tells also whether a visitor is in it now.
async fn look_at_watched(
    known: &Known,
    visitors: &mut Visitors,
    watched: &Watched,
) -> Result<(Line, bool), Gone> {
    let Watched { namespace, channel, .. } = watched;
    let is_user = visitors.is_user;
    match insider::may_ask(&mut visitors.insider, channel).await? {
        None => return Ok((Line::skipped(PRESENCE, place(namespace), "was not tried"), false)),
        Some(true) => return Ok((seen(namespace, By::Anyone, is_user), false)),
        Some(false) => {}
    }
    let line = |not_tried| can_not("ask who is there", PRESENCE, namespace, is_user, not_tried);
    let trial = trial(namespace);
    if known.scope.as_ref().is_none_or(|scope| scope.watch.contains(&trial)) {
        return Ok((line("; what subscribers may was not tried: they would be counted"), false));
    }
    let ticket = visitors.ticket(&trial);
    let tried = insider::look(&mut visitors.insider, &trial, ticket.as_deref(), false).await?;
    let is_in = tried.entry == Entry::Open;
    Ok(match tried.presence {
        Some(by) => (seen(namespace, by, is_user), is_in),
        None if is_in => (line(""), true),
        None => (line("; what subscribers may was not tried"), false),
    })
}

async fn look_at_output(visitors: &mut Visitors, output: &Output) -> Result<Tried, Gone> {
    let trial = trial(&output.namespace);
    let ticket = visitors.ticket(&trial);
    // What could not be published cannot be taken away again.
    let publishes = output.keeps.is_some();
    insider::look(&mut visitors.insider, &trial, ticket.as_deref(), publishes).await
}

fn of_output(output: &Output, tried: &Tried, is_user: bool) -> Vec<Line> {
    let Output { namespace, keeps, .. } = output;
    let of = place(namespace);
    if tried.entry == Entry::Unknown {
        return Vec::new();
    }
    if tried.entry == Entry::BadName {
        let says = "was not tried: `channel_regex` there refuses the channel for trials";
        return [RECOVERY, PUBLISH, PRESENCE].map(|what| Line::skipped(what, of, says)).to_vec();
    }
    let mut lines = vec![match tried.recovery {
        Some(recovery) if *keeps == Some(true) => recovered(namespace, recovery),
        Some(_) if *keeps == Some(false) => Line::skipped(RECOVERY, of, "nothing is kept there"),
        Some(_) => Line::skipped(RECOVERY, of, "nothing could be published there"),
        None => Line::skipped(RECOVERY, of, "no visitor of this kind may look at views there"),
    }];
    if keeps.is_some() {
        lines.push(match tried.publish {
            Some(by) => {
                let json = never("publish", by, is_user);
                let says = "visitors may publish there, and so forge a view";
                Line::wrong(PUBLISH, of, says).change(set_in(namespace, &json), See::CONFIGURATION)
            }
            None => can_not("publish there", PUBLISH, namespace, is_user, ""),
        });
    }
    lines.push(match tried.presence {
        Some(by) => seen(namespace, by, is_user),
        None => can_not("ask who is there", PRESENCE, namespace, is_user, ""),
    });
    lines
}

/// What nobody can do who was tried: a user for all, or a guest alone.
fn can_not(
    what: &str,
    line: &'static str,
    namespace: &str,
    is_user: bool,
    not_tried: &str,
) -> Line {
    let says = if is_user {
        format!("visitors can't {what}{not_tried}")
    } else {
        format!("guests can't {what}{not_tried}; signed-in visitors were not tried")
    };
    Line::ok(line, place(namespace), says)
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

fn seen(namespace: &str, by: By, is_user: bool) -> Line {
    Line::wrong(PRESENCE, place(namespace), "visitors can ask who is there, hidden users included")
        .change(set_in(namespace, &never("presence", by, is_user)), See::CONFIGURATION)
}

/// The options by which something is allowed, switched off.
fn never(what: &str, by: By, is_user: bool) -> String {
    let by = match by {
        By::Anyone => "client",
        By::Subscribers => "subscriber",
    };
    // A guest needs both.
    let guests =
        if is_user { String::new() } else { format!(r#", "allow_{what}_for_anonymous": false"#) };
    format!(r#""allow_{what}_for_{by}": false{guests}"#)
}
