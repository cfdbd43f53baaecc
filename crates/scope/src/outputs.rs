//! The channels that views are published to.

use presence::{Globs, Live, Views};
use settings::Reader;

use crate::Visibility;

const PLACEHOLDER: &str = "{channel}";

/// A channel name in which `{channel}` stands for the watched channel.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PublishTo(String);

/// Who is meant to read a channel that views are published to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Guests too.
    Everybody,
    /// Visitors with a token of their own.
    SignedIn,
    /// Those whose token names the channel.
    TokenHolders,
}

/// Where the views of a watched channel go.
#[derive(Debug, Clone)]
pub(crate) struct Outputs {
    /// `PUBLISH_CHANNEL`: the public view; `None`: nowhere.
    public: Option<PublishTo>,
    /// `PUBLISH_MEMBERS_CHANNEL`: the members view beside a public counts view.
    members: Option<PublishTo>,
    /// `PRIVATE_MEMBERS_CHANNEL`: the members view of a private channel.
    private_members: Option<PublishTo>,
}

impl Outputs {
    /// Reads the variables; what is wrong is remembered by `reader`.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        watched: Option<&Globs>,
        visibility: Visibility,
        has_private: bool,
    ) -> Self {
        let template = |text: &str| PublishTo::parse(text, watched);
        let public = match reader.text("PUBLISH_CHANNEL") {
            None => Some(PublishTo(format!("presence:{PLACEHOLDER}"))),
            Some(_) => reader.optional("PUBLISH_CHANNEL", template),
        };
        let members = reader.optional("PUBLISH_MEMBERS_CHANNEL", template);
        if members.is_some() {
            if visibility == Visibility::Members {
                let message = "needs VISIBILITY=counts: with members the list is public";
                reader.problem("PUBLISH_MEMBERS_CHANNEL", message);
            }
            if shares_namespace(&members, &public) {
                let message =
                    "must be in another namespace than PUBLISH_CHANNEL, which everybody may read";
                reader.problem("PUBLISH_MEMBERS_CHANNEL", message);
            }
        }
        let private_members = reader.optional("PRIVATE_MEMBERS_CHANNEL", template);
        if private_members.is_some() {
            if !has_private {
                let message = "needs PRIVATE_CHANNELS: it is where their lists go";
                reader.problem("PRIVATE_MEMBERS_CHANNEL", message);
            }
            if [&public, &members].iter().any(|other| shares_namespace(&private_members, other)) {
                let message = "must be in another namespace than PUBLISH_CHANNEL and PUBLISH_MEMBERS_CHANNEL, which others may read";
                reader.problem("PRIVATE_MEMBERS_CHANNEL", message);
            }
        }
        Self { public, members, private_members }
    }

    fn members_of(&self, is_private: bool) -> Option<&PublishTo> {
        if is_private { self.private_members.as_ref() } else { self.members.as_ref() }
    }

    /// Where a page finds the next views of a channel; `None` where none are published.
    pub(crate) fn live(&self, channel: &str, is_private: bool, url: &str) -> Option<Live> {
        let to = |output: Option<&PublishTo>| output.map(|output| output.channel(channel));
        let (public, members) = (to(self.public.as_ref()), to(self.members_of(is_private)));
        if public.is_none() && members.is_none() {
            return None;
        }
        Some(Live { url: url.to_owned(), channel: public, members_channel: members })
    }

    /// Each channel to publish to, with the view that goes there.
    pub(crate) fn of<'v>(
        &self,
        channel: &str,
        is_private: bool,
        visibility: Visibility,
        views: &'v Views,
    ) -> impl Iterator<Item = (String, &'v str)> {
        let public = match visibility {
            Visibility::Members => &views.members,
            Visibility::Counts => &views.counts,
        };
        let outputs =
            [(self.public.as_ref(), public), (self.members_of(is_private), &views.members)];
        outputs
            .into_iter()
            .filter_map(|(output, view)| Some((output?.channel(channel), view.as_str())))
    }

    /// Each channel to publish to, with its readers.
    pub(crate) fn readers_of(
        &self,
        channel: &str,
        is_private: bool,
    ) -> impl Iterator<Item = (String, Readers)> {
        let readers = if is_private { Readers::TokenHolders } else { Readers::SignedIn };
        let outputs =
            [(self.public.as_ref(), Readers::Everybody), (self.members_of(is_private), readers)];
        outputs
            .into_iter()
            .filter_map(|(output, readers)| Some((output?.channel(channel), readers)))
    }

    /// Whether a view might go to `channel`: that of a channel for which `is_watched` holds.
    pub(crate) fn contain(&self, channel: &str, is_watched: impl Fn(&str) -> bool) -> bool {
        let outputs = [&self.public, &self.members, &self.private_members];
        outputs.into_iter().flatten().any(|output| match output.watched_of(channel) {
            Some(watched) => is_watched(watched),
            None => output.0 == channel,
        })
    }
}

/// Whether two outputs lie in one namespace of Centrifugo's, which is what opens a channel to its readers.
fn shares_namespace(one: &Option<PublishTo>, other: &Option<PublishTo>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.namespace() == other.namespace(),
        _ => false,
    }
}

impl PublishTo {
    fn parse(text: &str, watched: Option<&Globs>) -> Result<Self, String> {
        let single = watched.and_then(Globs::single);
        if !text.contains(PLACEHOLDER) && watched.is_some() && single.is_none() {
            return Err(format!("must hold {PLACEHOLDER}, since several channels are watched"));
        }
        if text.matches(PLACEHOLDER).count() > 1 {
            return Err(format!("must hold {PLACEHOLDER} once"));
        }
        let output = Self(text.to_owned());
        let example = single.unwrap_or("channel");
        if output.channel(example) == example {
            return Err("must not be the watched channel itself".to_owned());
        }
        Ok(output)
    }

    /// What stands before the first colon.
    fn namespace(&self) -> &str {
        self.0.split_once(':').map_or("", |(namespace, _)| namespace)
    }

    /// The channel to publish to for a watched one.
    fn channel(&self, watched: &str) -> String {
        self.0.replace(PLACEHOLDER, watched)
    }

    /// The watched channel whose view might go to `output`.
    fn watched_of<'c>(&self, output: &'c str) -> Option<&'c str> {
        let (before, after) = self.0.split_once(PLACEHOLDER)?;
        output.strip_prefix(before)?.strip_suffix(after)
    }
}
