//! What both functions must agree on: who is watched, where views go, who may see them, who is a guest.

use settings::Reader;

use crate::glob::Globs;
use crate::view::Live;

const PLACEHOLDER: &str = "{channel}";

/// The shared part of the configuration.
#[derive(Debug, Clone)]
pub struct Scope {
    /// `WATCH_CHANNELS`, without what Rollcall itself publishes to.
    pub watch: Watch,
    /// `PUBLISH_CHANNEL`: where the public view goes; `None`: nowhere.
    pub publish: Option<PublishTo>,
    /// `PUBLISH_MEMBERS_CHANNEL`: where the members view goes beside a public counts view.
    pub publish_members: Option<PublishTo>,
    /// `CENTRIFUGO_CLIENT_URL`: what browsers connect to.
    pub client_url: Option<String>,
    /// `VISIBILITY`.
    pub visibility: Visibility,
    /// `GUEST_USERS`.
    pub guests: Guests,
    /// `PERIOD_SECONDS`.
    pub period: Period,
}

/// What the public may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// The list of members.
    Members,
    /// Numbers; the list is for token holders.
    Counts,
}

/// Seconds from one roll call to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(u32);

/// A channel name in which `{channel}` stands for the watched channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishTo(String);

/// Users who count as guests.
#[derive(Debug, Clone)]
pub struct Guests(Globs);

/// The watched channels.
#[derive(Debug, Clone)]
pub struct Watch {
    globs: Globs,
    outputs: Vec<PublishTo>,
}

impl Scope {
    /// Reads the shared variables; `None` where one is wrong, which `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let globs = reader.required("WATCH_CHANNELS", "site:main,room:*", |list| {
            let globs = Globs::parse(list)?;
            if globs.is_empty() { Err("must name a channel".to_owned()) } else { Ok(globs) }
        });
        let visibility = reader.optional("VISIBILITY", |text| match text {
            "members" => Ok(Visibility::Members),
            "counts" => Ok(Visibility::Counts),
            _ => Err("must be members or counts".to_owned()),
        });
        let visibility = visibility.unwrap_or(Visibility::Members);
        let guests = reader.optional("GUEST_USERS", Globs::parse);
        let guests = guests.unwrap_or_else(|| Globs::literal("anonymous"));
        let period = reader.optional("PERIOD_SECONDS", |text| match text {
            "60" | "30" | "20" | "15" | "10" => text.parse().map_err(|_| String::new()),
            _ => Err("must be 60, 30, 20, 15 or 10".to_owned()),
        });

        let single = globs.as_ref().and_then(Globs::single);
        let template = |text: &str| {
            if !text.contains(PLACEHOLDER) && globs.is_some() && single.is_none() {
                return Err(format!("must hold {PLACEHOLDER}, since several channels are watched"));
            }
            let template = PublishTo(text.to_owned());
            let example = single.unwrap_or("channel");
            if template.channel(example) == example {
                return Err("must not be the watched channel itself".to_owned());
            }
            Ok(template)
        };
        let publish = match reader.text("PUBLISH_CHANNEL") {
            None => Some(PublishTo(format!("presence:{PLACEHOLDER}"))),
            Some(_) => reader.optional("PUBLISH_CHANNEL", template),
        };
        let publish_members = reader.optional("PUBLISH_MEMBERS_CHANNEL", template);
        if publish_members.is_some() {
            if visibility == Visibility::Members {
                reader.problem(
                    "PUBLISH_MEMBERS_CHANNEL",
                    "needs VISIBILITY=counts: with members the list is public",
                );
            }
            if publish_members == publish {
                reader.problem(
                    "PUBLISH_MEMBERS_CHANNEL",
                    "must differ from PUBLISH_CHANNEL, which everybody may read",
                );
            }
        }
        let client_url = reader.optional("CENTRIFUGO_CLIENT_URL", |text| {
            let is_socket = text.starts_with("ws://") || text.starts_with("wss://");
            if is_socket && !text.contains(char::is_whitespace) {
                Ok(text.to_owned())
            } else {
                Err("must be a ws:// or wss:// address such as wss://rt.example.com/connection/uni_websocket"
                    .to_owned())
            }
        });
        let outputs = [&publish, &publish_members].into_iter().flatten().cloned().collect();
        Some(Self {
            watch: Watch { globs: globs?, outputs },
            publish,
            publish_members,
            client_url,
            visibility,
            guests: Guests(guests),
            period: Period(period.unwrap_or(60)),
        })
    }
}

impl Scope {
    /// Where a page finds the next views of a channel; `None` where none are published, or pages can't get there.
    pub fn live(&self, channel: &str) -> Option<Live> {
        let to = |publish: &Option<PublishTo>| publish.as_ref().map(|to| to.channel(channel));
        let (public, members) = (to(&self.publish), to(&self.publish_members));
        if public.is_none() && members.is_none() {
            return None;
        }
        Some(Live { url: self.client_url.clone()?, channel: public, members_channel: members })
    }
}

impl Period {
    /// The period in seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl PublishTo {
    /// The channel to publish to for a watched one.
    pub fn channel(&self, watched: &str) -> String {
        self.0.replace(PLACEHOLDER, watched)
    }

    /// The watched channels whose view might go to `output`.
    fn watched_of<'c>(&self, output: &'c str) -> Option<&'c str> {
        let (before, after) = self.0.split_once(PLACEHOLDER)?;
        output.strip_prefix(before)?.strip_suffix(after)
    }
}

impl Guests {
    /// Whether a user with this id is a guest.
    pub fn contain(&self, user: &str) -> bool {
        user.is_empty() || self.0.matches(user)
    }
}

impl Watch {
    /// The channels that are watched by name.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.globs.literals().filter(|channel| !self.is_output(channel))
    }

    /// The globs that must be asked for the channels behind them, as Centrifugo takes them.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.globs.patterns()
    }

    /// Whether a channel is watched: named or matched, and not one that Rollcall publishes to.
    pub fn contains(&self, channel: &str) -> bool {
        self.is_named(channel) && !self.is_output(channel)
    }

    fn is_named(&self, channel: &str) -> bool {
        self.globs.matches(channel)
    }

    fn is_output(&self, channel: &str) -> bool {
        self.outputs.iter().any(|output| match output.watched_of(channel) {
            Some(watched) => self.is_named(watched),
            None => output.0 == channel,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Scope, String> {
        let lookup = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        let mut reader = Reader::new(&lookup);
        let scope = Scope::read(&mut reader);
        reader.finish(scope).map_err(|problems| problems.to_string())
    }

    #[test]
    fn defaults() {
        let scope = read(&[("WATCH_CHANNELS", "site:main, room:*"), ("VISIBILITY", "")]).unwrap();
        assert_eq!(scope.watch.channels().collect::<Vec<_>>(), ["site:main"]);
        assert_eq!(scope.watch.patterns().collect::<Vec<_>>(), ["room:*"]);
        assert_eq!(scope.publish.unwrap().channel("room:1"), "presence:room:1");
        assert_eq!(scope.visibility, Visibility::Members);
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
    fn an_empty_publish_channel_publishes_nothing() {
        let scope = read(&[("WATCH_CHANNELS", "a"), ("PUBLISH_CHANNEL", "")]).unwrap();
        assert_eq!(scope.publish, None);
    }

    #[test]
    fn the_placeholder_may_be_left_out_for_one_channel_only() {
        let one = read(&[("WATCH_CHANNELS", "site:main"), ("PUBLISH_CHANNEL", "out:all")]).unwrap();
        assert_eq!(one.publish.unwrap().channel("site:main"), "out:all");
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
