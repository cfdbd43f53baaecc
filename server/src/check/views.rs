//! Whether views can be published, and are kept.

use centrifugo::{Client, Error};
use scope::Readers;

use super::line::Line;
use super::namespaces::{Output, trial};
use super::see::See;
use super::setting::{add_namespace, place, set_in};

const WHAT: &str = "centrifugo.publish";
/// One publication is kept, the last view, and handed over. Without the one there is no other.
const KEPT: &str = r#""history_size": 1, "history_ttl": "10m", "force_recovery": true, "force_recovery_mode": "cache", "auto_cache_recover": true"#;

/// Publishes to the channel for trials in each namespace, and remembers whether that is kept.
pub(super) async fn publish(api: Option<&Client>, outputs: &mut [Output]) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(api) = api else { return lines };
    for output in outputs {
        let namespace = &output.namespace;
        let published = api.publish_trial(&trial(namespace)).await;
        let of = place(namespace);
        lines.push(match &published {
            Ok(true) => Line::ok(WHAT, of, "views can be published, and the last one is kept"),
            Ok(false) => Line::wrong(WHAT, of, "views are not kept: its history is off")
                .change(set_in(namespace, KEPT), See::CONFIGURATION),
            Err(Error::UnknownNamespace { .. }) => {
                Line::wrong(WHAT, of, "there is no such namespace")
                    .change(add_namespace(namespace, &options(output.readers)), See::CONFIGURATION)
            }
            Err(error) => Line::wrong(WHAT, of, error.to_string()).change(
                "let it be a namespace of the ordinary kind, without `subscription_type`",
                See::CONFIGURATION,
            ),
        });
        output.keeps = published.ok();
    }
    lines
}

/// The options of a namespace with such readers, as the documents have them.
fn options(readers: Readers) -> String {
    let subscribe = match readers {
        Readers::Everybody => {
            r#", "allow_subscribe_for_client": true, "allow_subscribe_for_anonymous": true"#
        }
        Readers::SignedIn => r#", "allow_subscribe_for_client": true"#,
        Readers::TokenHolders => "",
    };
    format!(r#"{KEPT}, "publication_data_format": "json_object"{subscribe}"#)
}

/// Takes away what was published.
pub(super) async fn remove(api: Option<&Client>, outputs: &[Output]) {
    let Some(api) = api else { return };
    for Output { namespace, .. } in outputs.iter().filter(|output| output.keeps.is_some()) {
        // Where it can't be removed now, it is forgotten when the time of the history is over.
        let _ = api.remove_history(&trial(namespace)).await;
    }
}
