//! Who may subscribe: visitors where they are to be counted, readers where views are published, and nobody else.

use scope::Readers;

use super::TRIAL;
use super::insider::Entry;
use super::line::Line;
use super::namespaces::{Output, Watched};
use super::see::See;
use super::setting::{place, set_in};

pub(super) const WHAT: &str = "visitor.subscribe";

const ALLOW_CLIENTS: &str = r#""allow_subscribe_for_client": true"#;
const ALLOW_GUESTS: &str = r#""allow_subscribe_for_anonymous": true"#;
const ALLOW_ALL: &str =
    r#""allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true"#;

/// How far both visitors come; `None`: there is no such visitor.
pub(super) struct Entries {
    pub(super) guest: Option<Entry>,
    pub(super) user: Option<Entry>,
}

/// Whether visitors can be counted in the channels of a watched namespace.
pub(super) fn counted(watched: &Watched, entries: &Entries, expects_a_user: bool) -> Line {
    let Watched { namespace, channel, is_named, is_private } = watched;
    let of = place(namespace);
    let warn = |says: &str| {
        let set = set_in(namespace, if *is_named { ALLOW_ALL } else { ALLOW_CLIENTS });
        let change = format!("{set}, unless a token that names the channel is the only way in");
        Line::warn(WHAT, of, says).change(change, See::GUESTS)
    };
    match (entries.guest, entries.user) {
        (Some(Entry::Unknown), _) | (_, Some(Entry::Unknown)) => no_namespace(of),
        (Some(Entry::BadName), _) | (_, Some(Entry::BadName)) => {
            bad_name(namespace, channel, watched.is_example())
        }
        (Some(Entry::Open), _) => Line::ok(WHAT, of, "visitors are counted, guests too"),
        (_, Some(Entry::Open)) => {
            Line::ok(WHAT, of, "signed-in visitors are counted, guests are not")
        }
        _ if *is_private => Line::ok(WHAT, of, "a token that names the channel is the only way in"),
        (_, Some(Entry::Denied)) => {
            warn("nobody is counted without a token that names the channel")
        }
        _ if expects_a_user || !is_named => {
            Line::skipped(WHAT, of, "guests are not counted; signed-in visitors were not tried")
        }
        _ => warn("guests are not counted; signed-in visitors were not tried"),
    }
}

/// Whether those who are meant to read views, and they alone, may.
pub(super) fn readers(output: &Output, entries: &Entries) -> Line {
    let Output { namespace, channel, readers, .. } = output;
    let of = place(namespace);
    let ok = |says: &str| Line::ok(WHAT, of, says);
    let wrong = |says: &str, json: &str, see| {
        Line::wrong(WHAT, of, says).change(set_in(namespace, json), see)
    };
    let open = Some(Entry::Open);
    match (entries.guest, entries.user) {
        (Some(Entry::Unknown), _) | (_, Some(Entry::Unknown)) => return no_namespace(of),
        (Some(Entry::BadName), _) | (_, Some(Entry::BadName)) => {
            return bad_name(namespace, channel, channel.ends_with(TRIAL));
        }
        _ => {}
    }
    let Entries { guest, user } = entries;
    match readers {
        Readers::Everybody if *guest == open => ok("visitors may look at views, guests too"),
        Readers::Everybody if *user == open && guest.is_none() => ok("visitors may look at views"),
        Readers::Everybody if *user == open => {
            Line::warn(WHAT, of, "guests may not look at views: they see no live numbers")
                .change(set_in(namespace, ALLOW_GUESTS), See::GUESTS)
        }
        Readers::Everybody if user.is_none() => {
            let says = "guests may not look at views; signed-in visitors were not tried";
            Line::warn(WHAT, of, says).change(set_in(namespace, ALLOW_ALL), See::GUESTS)
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

fn no_namespace(of: &str) -> Line {
    Line::skipped(WHAT, of, "there is no such namespace")
}

fn bad_name(namespace: &str, channel: &str, is_example: bool) -> Line {
    let of = place(namespace);
    let says = format!("`channel_regex` there refuses {channel}");
    if is_example {
        let says = format!("{says}, so it was not tried what visitors may");
        return Line::skipped(WHAT, of, says);
    }
    let change = format!(
        "{}, or an expression that takes the name",
        set_in(namespace, r#""channel_regex": """#)
    );
    Line::wrong(WHAT, of, says).change(change, See::CONFIGURATION)
}
