//! What visitors may and may not do: look at views and be counted, but neither forge a view nor see who is there.

use std::time::Duration;

use scope::Readers;

use super::insider::{self, Entry, From, Recovery, Tried};
use super::line::Line;
use super::namespaces::{Output, Watched, trial};
use super::see::See;
use super::setting::{place, set_in};
use super::socket::Gone;
use super::variables::Known;
use super::visitors::Visitors;

const SUBSCRIBE: &str = "visitor.subscribe";
const RECOVERY: &str = "centrifugo.recovery";
const PUBLISH: &str = "visitor.publish";
const PRESENCE: &str = "visitor.presence";
const JOINS: &str = "visitor.joins";

const ALLOW_CLIENTS: &str = r#""allow_subscribe_for_client": true"#;
const ALLOW_GUESTS: &str = r#""allow_subscribe_for_anonymous": true"#;
const ALLOW_ALL: &str =
    r#""allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true"#;

/// How long a visitor waits to be told of their own coming, which nobody should be.
const JOIN: Duration = Duration::from_millis(250);

/// How far both visitors come; `None`: there is no such visitor.
struct Entries {
    guest: Option<Entry>,
    user: Option<Entry>,
}

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
        let is_private =
            known.scope.as_ref().is_some_and(|scope| scope.is_private(&watched.channel));
        let found = async {
            let entries = entries(visitors, &watched.channel).await?;
            lines.push(counted(watched, is_private, &entries, visitors.expect_a_user()));
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
            lines.push(readers(output, &entries));
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

/// Whether visitors can be counted in the channels of a watched namespace.
fn counted(watched: &Watched, is_private: bool, entries: &Entries, expects_a_user: bool) -> Line {
    let Watched { namespace, channel, is_example } = watched;
    let of = place(namespace);
    let warn = |says: &str, json: &str| {
        let change = format!(
            "{}, unless a token that names the channel is the only way in",
            set_in(namespace, json)
        );
        Line::warn(SUBSCRIBE, of, says).change(change, See::GUESTS)
    };
    match (entries.guest, entries.user) {
        (Some(Entry::Unknown), _) | (_, Some(Entry::Unknown)) => no_namespace(SUBSCRIBE, of),
        (Some(Entry::BadName), _) | (_, Some(Entry::BadName)) => {
            bad_name(namespace, channel, *is_example)
        }
        (Some(Entry::Open), _) => Line::ok(SUBSCRIBE, of, "visitors are counted, guests too"),
        (_, Some(Entry::Open)) => {
            Line::ok(SUBSCRIBE, of, "signed-in visitors are counted, guests are not")
        }
        _ if is_private => {
            Line::ok(SUBSCRIBE, of, "a token that names the channel is the only way in")
        }
        (_, Some(Entry::Denied)) => {
            warn("nobody is counted without a token that names the channel", ALLOW_ALL)
        }
        _ if expects_a_user => Line::skipped(
            SUBSCRIBE,
            of,
            "guests are not counted; signed-in visitors were not tried",
        ),
        _ => warn("guests are not counted; signed-in visitors were not tried", ALLOW_ALL),
    }
}

/// Whether those who are meant to read views, and they alone, may.
fn readers(output: &Output, entries: &Entries) -> Line {
    let Output { namespace, channel, readers, .. } = output;
    let of = place(namespace);
    let ok = |says: &str| Line::ok(SUBSCRIBE, of, says);
    let wrong = |says: &str, json: &str, see| {
        Line::wrong(SUBSCRIBE, of, says).change(set_in(namespace, json), see)
    };
    let open = Some(Entry::Open);
    match (entries.guest, entries.user) {
        (Some(Entry::Unknown), _) | (_, Some(Entry::Unknown)) => {
            return no_namespace(SUBSCRIBE, of);
        }
        (Some(Entry::BadName), _) | (_, Some(Entry::BadName)) => {
            return bad_name(namespace, channel, channel.ends_with(super::TRIAL));
        }
        _ => {}
    }
    let Entries { guest, user } = entries;
    match readers {
        Readers::Everybody if *guest == open => ok("visitors may look at views, guests too"),
        Readers::Everybody if *user == open && guest.is_none() => ok("visitors may look at views"),
        Readers::Everybody if *user == open => {
            Line::warn(SUBSCRIBE, of, "guests may not look at views: they see no live numbers")
                .change(set_in(namespace, ALLOW_GUESTS), See::GUESTS)
        }
        Readers::Everybody => wrong("visitors may not look at views", ALLOW_ALL, See::GUESTS),
        Readers::SignedIn if *guest == open => wrong(
            "guests may read the list, which is for signed-in visitors",
            r#""allow_subscribe_for_anonymous": false"#,
            See::CONFIGURATION,
        ),
        Readers::SignedIn if user.is_some() && *user != open => {
            wrong("signed-in visitors may not read the list", ALLOW_CLIENTS, See::CONFIGURATION)
        }
        Readers::SignedIn if user.is_some() => ok("signed-in visitors alone may read the list"),
        Readers::TokenHolders if *guest == open || *user == open => wrong(
            "visitors may read private lists",
            r#""allow_subscribe_for_client": false, "allow_subscribe_for_anonymous": false"#,
            See::PRIVATE_CHANNELS,
        ),
        Readers::TokenHolders if user.is_some() => {
            ok("a token that names the channel is the only way in")
        }
        Readers::SignedIn | Readers::TokenHolders => {
            ok("guests may not read the list; signed-in visitors were not tried")
        }
    }
}

fn no_namespace(what: &'static str, of: &str) -> Line {
    Line::skipped(what, of, "there is no such namespace")
}

fn bad_name(namespace: &str, channel: &str, is_example: bool) -> Line {
    let of = place(namespace);
    let says = format!("`channel_regex` there refuses {channel}");
    if is_example {
        let says = format!("{says}, so it was not tried what visitors may");
        return Line::skipped(SUBSCRIBE, of, says);
    }
    let change = format!(
        "{}, or an expression that takes the name",
        set_in(namespace, r#""channel_regex": """#)
    );
    Line::wrong(SUBSCRIBE, of, says).change(change, See::CONFIGURATION)
}

fn broken(namespace: &str, gone: &Gone) -> Line {
    Line::warn(SUBSCRIBE, place(namespace), format!("what visitors may was not tried: {gone}"))
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
