//! The namespaces that matter: those of the watched channels, and those that views are published to.

use centrifugo::Client;
use scope::{Readers, Scope};

use super::TRIAL;
use super::line::Line;
use super::variables::Known;

/// A namespace with watched channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Watched {
    /// Empty for channels without one.
    pub(super) namespace: String,
    /// A channel there: one that is watched, or would be.
    pub(super) channel: String,
    /// Whether that channel is watched by its name; otherwise strangers who may subscribe may make up others.
    pub(super) is_named: bool,
    /// Whether its list is for some alone.
    pub(super) is_private: bool,
}

impl Watched {
    /// Whether its channel is no more than an example.
    pub(super) fn is_example(&self) -> bool {
        self.channel == trial(&self.namespace)
    }
}

/// A namespace that views are published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) namespace: String,
    /// A channel there: the output of a watched one.
    pub(super) channel: String,
    pub(super) readers: Readers,
    /// Whether what was published in the channel for trials is kept; `None`: it could not be published.
    pub(super) keeps: Option<bool>,
}

/// The namespace of a channel ends at its first colon.
fn namespace(channel: &str) -> &str {
    channel.split_once(':').map_or("", |(namespace, _)| namespace)
}

/// The channel for trials in a namespace.
pub(super) fn trial(namespace: &str) -> String {
    if namespace.is_empty() { TRIAL.to_owned() } else { format!("{namespace}:{TRIAL}") }
}

/// The namespaces of the watched channels. A glob `room:*` tells its namespace; what is behind any other is asked for.
pub(super) async fn watched(known: &Known, api: Option<&Client>) -> (Vec<Watched>, Vec<Line>) {
    let (mut found, mut lines) = (Vec::new(), Vec::new());
    let Some(scope) = &known.scope else { return (found, lines) };
    for channel in scope.watch.channels() {
        add(&mut found, scope, channel, true);
    }
    for pattern in scope.watch.patterns() {
        if let Some(namespace) = plain_namespace(pattern) {
            add(&mut found, scope, &trial(namespace), false);
            continue;
        }
        let Some(api) = api else { continue };
        let says = match api.channels(pattern).await {
            Ok(channels) => {
                let before = found.len();
                let channels = channels.iter().map(|(channel, _)| channel.as_str());
                let channels: Vec<&str> =
                    channels.filter(|channel| scope.watch.contains(channel)).collect();
                for channel in &channels {
                    add(&mut found, scope, channel, false);
                }
                if !channels.is_empty() || found.len() > before {
                    continue;
                }
                "nobody is in a channel of it now, so its namespaces are not known".to_owned()
            }
            Err(error) => format!("its channels can't be had: {error}"),
        };
        lines.push(Line::skipped("centrifugo.presence", pattern, says));
    }
    (found, lines)
}

/// What stands before the first colon of a glob, where that holds no wildcard.
fn plain_namespace(pattern: &str) -> Option<&str> {
    let (namespace, _) = pattern.split_once(':')?;
    (!namespace.contains(['*', '?', '[', '{', '\\'])).then_some(namespace)
}

fn add(found: &mut Vec<Watched>, scope: &Scope, channel: &str, is_named: bool) {
    let namespace = namespace(channel);
    if !found.iter().any(|watched| watched.namespace == namespace) {
        let (namespace, channel) = (namespace.to_owned(), channel.to_owned());
        let is_private = scope.is_private(&channel);
        found.push(Watched { namespace, channel, is_named, is_private });
    }
}

/// The namespaces that the views of these are published to.
pub(super) fn outputs(known: &Known, watched: &[Watched]) -> Vec<Output> {
    let mut found: Vec<Output> = Vec::new();
    let Some(scope) = &known.scope else { return found };
    for Watched { channel, .. } in watched {
        let private = scope.has_private().then(|| scope.outputs(channel, true));
        for (channel, readers) in scope.outputs(channel, false).chain(private.into_iter().flatten())
        {
            let namespace = namespace(&channel).to_owned();
            if !found.iter().any(|output| output.namespace == namespace) {
                found.push(Output { namespace, channel, readers, keeps: None });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use settings::from_pairs;

    use super::super::variables;
    use super::*;

    fn known(pairs: &[(&str, &str)]) -> Known {
        variables::read(&from_pairs(pairs)).0
    }

    #[tokio::test]
    async fn a_glob_tells_its_namespace() {
        let known = known(&[("WATCH_CHANNELS", "site:main,site:b,room:*,plain,{a,b}:x")]);
        let (watched, lines) = watched(&known, None).await;
        let of = |namespace: &str, channel: &str, is_named| Watched {
            namespace: namespace.to_owned(),
            channel: channel.to_owned(),
            is_named,
            is_private: false,
        };
        let room = of("room", "room:rollcall-check", false);
        assert_eq!(watched, [of("", "plain", true), of("site", "site:b", true), room]);
        assert!(lines.is_empty(), "without an API nothing is listed, and that is said elsewhere");
    }

    #[tokio::test]
    async fn each_output_is_found_that_of_private_lists_too() {
        let known = known(&[
            ("WATCH_CHANNELS", "site:main,team:*"),
            ("PRIVATE_CHANNELS", "team:*"),
            ("PRIVATE_MEMBERS_CHANNEL", "private:{channel}"),
            ("PUBLISH_MEMBERS_CHANNEL", "members:{channel}"),
            ("VISIBILITY", "counts"),
        ]);
        let (watched, _) = watched(&known, None).await;
        let outputs = outputs(&known, &watched);
        let found: Vec<(&str, Readers)> =
            outputs.iter().map(|output| (output.channel.as_str(), output.readers)).collect();
        assert_eq!(
            found,
            [
                ("presence:site:main", Readers::Everybody),
                ("members:site:main", Readers::SignedIn),
                ("private:site:main", Readers::TokenHolders),
            ]
        );
    }
}
