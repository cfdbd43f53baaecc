//! Presence of each watched namespace, as a roll call asks for it.

use centrifugo::{Client, Error};

use ::presence::{CensusTaker, Guests, InfoFields};

use super::line::Line;
use super::namespaces::Watched;
use super::see::See;
use super::setting::{add_namespace, place, set_in};

const WHAT: &str = "centrifugo.presence";

/// Asks for the presence of a channel of each.
pub(super) async fn look(api: Option<&Client>, watched: &[Watched]) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(api) = api else { return lines };
    for watched in watched {
        let Watched { namespace, channel, .. } = watched;
        let of = place(namespace);
        lines.push(match ask(api, channel).await {
            Ok(()) => Line::ok(WHAT, of, "is on"),
            Err(Error::PresenceOff { .. }) => Line::wrong(WHAT, of, "is off")
                .change(set_in(namespace, r#""presence": true"#), See::CONFIGURATION),
            Err(Error::UnknownNamespace { .. }) => {
                Line::wrong(WHAT, of, "there is no such namespace")
                    .change(add_namespace(namespace, options(watched)), See::CONFIGURATION)
            }
            Err(error) => Line::wrong(WHAT, of, error.to_string())
                .change("see what Centrifugo's log says", See::CONFIGURATION),
        });
    }
    lines
}

/// The options of a watched namespace, as the documents have them: guests where they can make up no channel that is watched,
/// and nobody but by token where the list is private.
fn options(watched: &Watched) -> &'static str {
    match watched {
        Watched { is_private: true, .. } => r#""presence": true"#,
        Watched { is_named: false, .. } => {
            r#""presence": true, "allow_subscribe_for_client": true"#
        }
        _ => {
            r#""presence": true, "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true"#
        }
    }
}

async fn ask(api: &Client, channel: &str) -> Result<(), Error> {
    let answer = api.presence(&[channel]).await?;
    let (guests, fields) = (Guests::default(), InfoFields::parse(""));
    let of = CensusTaker { guests: &guests, fields: &fields };
    let mut censuses = answer.censuses(&[channel], of, |_, census| census.map(drop))?;
    censuses.pop().unwrap_or(Ok(()))
}
