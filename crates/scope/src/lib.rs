#![doc = include_str!("../README.md")]

mod outputs;
mod watch;

use presence::{Globs, Guests, Live, Period, Views};
use settings::Reader;

use outputs::Outputs;
pub use outputs::Readers;
pub use watch::Watch;

/// The shared part of the configuration.
#[derive(Debug, Clone)]
pub struct Scope {
    /// `WATCH_CHANNELS`, without what Rollcall itself publishes to.
    pub watch: Watch,
    /// `GUEST_USERS`.
    pub guests: Guests,
    /// `PERIOD_SECONDS`.
    pub period: Period,
    /// `VISIBILITY` of all channels that are not private.
    visibility: Visibility,
    /// `PRIVATE_CHANNELS`.
    private: Globs,
    /// `CENTRIFUGO_CLIENT_URL`: what browsers connect to.
    client_url: Option<String>,
    outputs: Outputs,
}

/// What the public may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// The list of members.
    Members,
    /// Numbers; the list is for token holders.
    Counts,
}

impl Scope {
    /// Reads the shared variables; `None` where one is wrong, which `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let watched = reader.required("WATCH_CHANNELS", "site:main,room:*", watch::parse);
        let private = reader.optional("PRIVATE_CHANNELS", Globs::parse).unwrap_or_default();
        let visibility = reader.optional("VISIBILITY", |text| match text {
            "members" => Ok(Visibility::Members),
            "counts" => Ok(Visibility::Counts),
            _ => Err("must be members or counts".to_owned()),
        });
        let visibility = visibility.unwrap_or(Visibility::Members);
        let guests = reader.optional("GUEST_USERS", Guests::parse);
        let period = reader.optional("PERIOD_SECONDS", |text| {
            let period = text.parse().ok().and_then(Period::from_seconds);
            period.ok_or_else(|| "must be 60, 30, 20, 15 or 10".to_owned())
        });
        let outputs = Outputs::read(reader, watched.as_ref(), visibility, !private.is_empty());
        let client_url = reader.optional("CENTRIFUGO_CLIENT_URL", client_url);
        Some(Self {
            watch: Watch::new(watched?, outputs.clone()),
            guests: guests.unwrap_or_default(),
            period: period.unwrap_or_default(),
            visibility,
            private,
            client_url,
            outputs,
        })
    }

    /// Whether the list of a channel opens only to those whose token names it.
    pub fn is_private(&self, channel: &str) -> bool {
        self.private.matches(channel)
    }

    /// Whether there are private channels at all.
    pub fn has_private(&self) -> bool {
        !self.private.is_empty()
    }

    /// What the public may see of a channel.
    pub fn visibility(&self, channel: &str) -> Visibility {
        if self.is_private(channel) { Visibility::Counts } else { self.visibility }
    }

    /// Where a page finds the next views of a channel; `None` where none are published, or pages can't get there.
    pub fn live(&self, channel: &str) -> Option<Live> {
        self.outputs.live(channel, self.is_private(channel), self.client_url.as_deref()?)
    }

    /// `CENTRIFUGO_CLIENT_URL`: what browsers connect to.
    pub fn client_url(&self) -> Option<&str> {
        self.client_url.as_deref()
    }

    /// Each channel that a watched one is published to if it is private, or if it is not, with those who are meant to read
    /// it.
    pub fn outputs(
        &self,
        channel: &str,
        is_private: bool,
    ) -> impl Iterator<Item = (String, Readers)> {
        self.outputs.readers_of(channel, is_private)
    }

    /// Each channel that a watched one is published to, with the view that goes there.
    pub fn publications<'v>(
        &self,
        channel: &str,
        views: &'v Views,
    ) -> impl Iterator<Item = (String, &'v str)> {
        self.outputs.of(channel, self.is_private(channel), self.visibility(channel), views)
    }
}

/// The address of the bidirectional WebSocket. At an address of another transport of Centrifugo's every page would be
/// refused without a word to whoever runs this.
fn client_url(text: &str) -> Result<String, String> {
    let example = "wss://rt.example.com/connection/websocket";
    let (_, address) = text.split_once("://").unwrap_or_default();
    let (_, path) = address.split_once('/').unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.starts_with("uni_") || matches!(last, "sse" | "http_stream" | "webtransport") {
        return Err(format!(
            "ends in {last}, to which pages do not connect: it must end in websocket, such as {example}"
        ));
    }
    let is_socket = text.starts_with("ws://") || text.starts_with("wss://");
    if is_socket && !text.contains(char::is_whitespace) {
        Ok(text.to_owned())
    } else {
        Err(format!("must be a ws:// or wss:// address such as {example}"))
    }
}

#[cfg(test)]
mod tests {
    use settings::from_pairs;

    use super::*;

    /// Where the views of a channel go: `P` stands for the counts, `M` for the members view.
    fn published(scope: &Scope, channel: &str) -> Vec<(String, String)> {
        let views = Views { counts: "P".to_owned(), members: "M".to_owned() };
        let publications = scope.publications(channel, &views);
        publications.map(|(output, view)| (output, view.to_owned())).collect()
    }

    fn pair(output: &str, view: &str) -> (String, String) {
        (output.to_owned(), view.to_owned())
    }

    fn read(variables: &[(&str, &str)]) -> Result<Scope, String> {
        let lookup = from_pairs(variables);
        let mut reader = Reader::new(&lookup);
        let scope = Scope::read(&mut reader);
        reader.finish(scope).map_err(|problems| problems.to_string())
    }

    #[test]
    fn defaults() {
        let scope = read(&[("WATCH_CHANNELS", "site:main, room:*"), ("VISIBILITY", "")]).unwrap();
        assert_eq!(scope.watch.channels().collect::<Vec<_>>(), ["site:main"]);
        assert_eq!(scope.watch.patterns().collect::<Vec<_>>(), ["room:*"]);
        assert_eq!(published(&scope, "room:1"), [pair("presence:room:1", "M")]);
        assert_eq!(scope.visibility("room:1"), Visibility::Members);
        assert_eq!(scope.period.seconds(), 60);
        assert!(scope.guests.contain("") && scope.guests.contain("anonymous"));
        assert!(!scope.guests.contain("42"));
    }

    #[test]
    fn what_rollcall_publishes_to_is_never_watched() {
        let scope = read(&[("WATCH_CHANNELS", "*")]).unwrap();
        assert!(scope.watch.contains("site:main"));
        assert!(!scope.watch.contains("presence:site:main"));
        let scope = read(&[("WATCH_CHANNELS", "site:*,presence:lobby")]).unwrap();
        assert!(scope.watch.contains("presence:lobby"), "nothing is published there");
        assert!(!scope.watch.contains("room:1"));
    }

    #[test]
    fn a_name_without_a_slot_in_a_cluster_is_not_watched() {
        let scope = read(&[("WATCH_CHANNELS", "*")]).unwrap();
        assert!(!scope.watch.contains("}x") && scope.watch.contains("x}"));
        let error = read(&[("WATCH_CHANNELS", "site:main,}x")]).unwrap_err();
        assert!(error.contains("WATCH_CHANNELS names a channel that begins with"), "{error}");
    }

    #[test]
    fn the_list_of_a_private_channel_goes_nowhere_but_to_its_own_output() {
        let scope = read(&[
            ("WATCH_CHANNELS", "site:main,room:*"),
            ("PRIVATE_CHANNELS", "room:board,room:hr-*"),
            ("CENTRIFUGO_CLIENT_URL", "wss://x"),
        ])
        .unwrap();
        assert!(scope.is_private("room:hr-7") && !scope.is_private("room:1"));
        assert_eq!(scope.visibility("room:board"), Visibility::Counts);
        assert_eq!(published(&scope, "room:board"), [pair("presence:room:board", "P")]);
        assert_eq!(scope.live("room:board").unwrap().members_channel, None);

        let scope = read(&[
            ("WATCH_CHANNELS", "site:main,room:*,private:*"),
            ("PRIVATE_CHANNELS", "room:board"),
            ("PRIVATE_MEMBERS_CHANNEL", "private:{channel}"),
            ("PUBLISH_MEMBERS_CHANNEL", "members:{channel}"),
            ("VISIBILITY", "counts"),
            ("CENTRIFUGO_CLIENT_URL", "wss://x"),
        ])
        .unwrap();
        let expected = [pair("presence:room:board", "P"), pair("private:room:board", "M")];
        assert_eq!(published(&scope, "room:board"), expected);
        let members_channel = |channel| scope.live(channel).unwrap().members_channel.unwrap();
        assert_eq!(members_channel("room:board"), "private:room:board");
        assert_eq!(members_channel("room:1"), "members:room:1");
        assert!(!scope.watch.contains("private:room:board"), "what is published to is not watched");
    }

    #[test]
    fn each_output_has_its_readers() {
        let scope = read(&[
            ("WATCH_CHANNELS", "room:*"),
            ("PRIVATE_CHANNELS", "room:board"),
            ("PRIVATE_MEMBERS_CHANNEL", "private:{channel}"),
            ("PUBLISH_MEMBERS_CHANNEL", "members:{channel}"),
            ("VISIBILITY", "counts"),
        ])
        .unwrap();
        let outputs =
            |channel| scope.outputs(channel, scope.is_private(channel)).collect::<Vec<_>>();
        let everybody = |channel: &str| (format!("presence:{channel}"), Readers::Everybody);
        let members = ("members:room:1".to_owned(), Readers::SignedIn);
        assert_eq!(outputs("room:1"), [everybody("room:1"), members]);
        let private = ("private:room:board".to_owned(), Readers::TokenHolders);
        assert_eq!(outputs("room:board"), [everybody("room:board"), private]);
    }

    #[test]
    fn the_output_of_private_lists_is_for_nothing_else() {
        let error = |variables: &[(&str, &str)]| {
            let private = ("PRIVATE_MEMBERS_CHANNEL", "private:{channel}");
            let variables = [&[("WATCH_CHANNELS", "a,b"), private], variables].concat();
            read(&variables).unwrap_err()
        };
        assert!(error(&[]).contains("PRIVATE_MEMBERS_CHANNEL needs PRIVATE_CHANNELS"));
        for other in ["PUBLISH_CHANNEL", "PUBLISH_MEMBERS_CHANNEL"] {
            // It is the namespace that opens a channel to its readers.
            let shared = [
                ("PRIVATE_CHANNELS", "a"),
                ("VISIBILITY", "counts"),
                (other, "private:public:{channel}"),
            ];
            assert!(
                error(&shared).contains("PRIVATE_MEMBERS_CHANNEL must be in another"),
                "{other}"
            );
        }
    }

    #[test]
    fn pages_connect_to_the_bidirectional_socket_alone() {
        let read = |url| read(&[("WATCH_CHANNELS", "a"), ("CENTRIFUGO_CLIENT_URL", url)]);
        for url in [
            "wss://rt.example.com/connection/websocket",
            "ws://127.0.0.1:8000/own/path",
            "wss://uni_websocket.example.com",
        ] {
            assert_eq!(read(url).unwrap().client_url.unwrap(), url);
        }
        for (url, last) in [
            ("wss://rt.example.com/connection/uni_websocket", "uni_websocket"),
            ("wss://rt.example.com/connection/uni_websocket/?x=/y", "uni_websocket"),
            ("https://rt.example.com/connection/uni_sse", "uni_sse"),
            ("https://rt.example.com/connection/http_stream", "http_stream"),
            ("wss://name:secret@rt.example.com/uni_http_stream", "uni_http_stream"),
        ] {
            let error = read(url).unwrap_err();
            let says = format!(
                "CENTRIFUGO_CLIENT_URL ends in {last}, to which pages do not connect: it must end in websocket, such as \
                 wss://rt.example.com/connection/websocket"
            );
            assert!(error.contains(&says), "{error}");
        }
        assert!(
            read("https://rt.example.com/x").unwrap_err().contains("must be a ws:// or wss://")
        );
    }

    #[test]
    fn an_output_holds_the_channel_once() {
        let error = read(&[("WATCH_CHANNELS", "*"), ("PUBLISH_CHANNEL", "x:{channel}:{channel}")]);
        assert!(error.unwrap_err().contains("PUBLISH_CHANNEL must hold {channel} once"));
    }

    #[test]
    fn a_wrong_glob_is_named_by_its_place_and_not_quoted() {
        let error = read(&[("WATCH_CHANNELS", "a"), ("GUEST_USERS", "x, ann@example.com[1")]);
        let error = error.unwrap_err();
        assert!(
            error.contains("GUEST_USERS has a bracket that is not closed, in item 2"),
            "{error}"
        );
        assert!(!error.contains("ann"), "{error}");
    }

    #[test]
    fn an_empty_publish_channel_publishes_nothing() {
        let scope = read(&[("WATCH_CHANNELS", "a"), ("PUBLISH_CHANNEL", "")]).unwrap();
        assert_eq!(published(&scope, "a"), []);
    }

    #[test]
    fn the_placeholder_may_be_left_out_for_one_channel_only() {
        let one = read(&[("WATCH_CHANNELS", "site:main"), ("PUBLISH_CHANNEL", "out:all")]).unwrap();
        assert_eq!(published(&one, "site:main"), [pair("out:all", "M")]);
        let several = read(&[("WATCH_CHANNELS", "site:*"), ("PUBLISH_CHANNEL", "out:all")]);
        assert!(several.unwrap_err().contains("PUBLISH_CHANNEL must hold {channel}"));
        let same = read(&[("WATCH_CHANNELS", "site:main"), ("PUBLISH_CHANNEL", "{channel}")]);
        assert!(same.unwrap_err().contains("must not be the watched channel"));
    }

    #[test]
    fn every_wrong_variable_is_named() {
        let error = read(&[
            ("WATCH_CHANNELS", "room:{a"),
            ("VISIBILITY", "all"),
            ("PERIOD_SECONDS", "45"),
            ("GUEST_USERS", "[x"),
            ("PUBLISH_MEMBERS_CHANNEL", "members:{channel}"),
        ])
        .unwrap_err();
        for variable in [
            "WATCH_CHANNELS",
            "VISIBILITY",
            "PERIOD_SECONDS",
            "GUEST_USERS",
            "PUBLISH_MEMBERS_CHANNEL",
        ] {
            assert!(error.contains(variable), "{variable} is not in: {error}");
        }
    }
}
