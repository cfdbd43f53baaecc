//! The watched channels.

use presence::Globs;

use crate::outputs::Outputs;

/// The watched channels, by name and by glob, without what Rollcall itself publishes to.
#[derive(Debug, Clone)]
pub struct Watch {
    globs: Globs,
    outputs: Outputs,
}

/// Reads `WATCH_CHANNELS`.
pub(crate) fn parse(list: &str) -> Result<Globs, String> {
    let globs = Globs::parse(list)?;
    if globs.is_empty() {
        return Err("must name a channel".to_owned());
    }
    if globs.literals().any(has_no_slot) {
        return Err(
            "names a channel that begins with `}`: Redis in cluster mode can't keep it".to_owned()
        );
    }
    Ok(globs)
}

/// Redis finds the slot of a key by what stands between its first `{` and the first `}` behind, here the channel; where
/// that is nothing it takes the whole key, and the keys of the channel lie apart.
fn has_no_slot(channel: &str) -> bool {
    channel.starts_with('}')
}

impl Watch {
    pub(crate) fn new(globs: Globs, outputs: Outputs) -> Self {
        Self { globs, outputs }
    }

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
        self.globs.matches(channel) && !has_no_slot(channel) && !self.is_output(channel)
    }

    fn is_output(&self, channel: &str) -> bool {
        self.outputs.contain(channel, |watched| self.globs.matches(watched))
    }
}
