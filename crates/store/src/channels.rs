//! The channels of the last roll call: they stand in where a glob can't be listed, and whether there is any such list
//! tells a first roll call from all later ones.
//!
//! The list is a hash with a field for each channel and one with an empty name, by which an empty list exists. A channel
//! is there before anything of it is committed, so that a roll call which is cut off leaves a channel too many, never one
//! too few. Its value is the roll call that meant to commit it: one that finds the channel settled takes it out only where
//! no later one counts on it, so overlapping roll calls don't undo each other's work.

use std::collections::BTreeSet;

use presence::Millis;
use redis::{Cmd, Value};

use crate::connection::{Error, KEPT_FOR, Store, all_done};
use crate::script::Script;

/// ElastiCache Serverless takes 3,999 arguments of a command.
const FIELDS_AT_ONCE: usize = 1000;

/// The value of the field without a name while the baseline is not through.
const BASELINE: &str = "baseline";

/// Takes channels out that no later roll call means to commit. One from the future was not taken: a clock was wrong.
static FORGET: Script = Script::new(
    "local taken_at, now = tonumber(ARGV[1]), tonumber(ARGV[2])
     for i = 3, #ARGV do
       local meant_by = tonumber(redis.call('HGET', KEYS[1], ARGV[i]) or 0) or 0
       if meant_by <= taken_at or meant_by > now + 10000 then
         redis.call('HDEL', KEYS[1], ARGV[i])
       end
     end",
);

/// The list as the last roll call left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownChannels {
    /// Channels of which something is kept, or was about to be.
    pub names: BTreeSet<String>,
    /// Whether the first roll call ever did not get to its end.
    pub is_baseline: bool,
}

impl Store {
    /// The channels of the last roll call; `None` where there was none, or Redis was lost.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no list.
    pub async fn channels(&self) -> Result<Option<KnownChannels>, Error> {
        let key = self.channels_key();
        let mut pipeline = redis::pipe();
        pipeline.cmd("HKEYS").arg(&key).cmd("HGET").arg(&key).arg("");
        let mut answers = self.run(&pipeline).await?.into_iter();
        let names = match answers.next() {
            Some(Value::Array(names)) => names,
            Some(Value::ServerError(error)) => match Error::of_channel(error) {
                Error::Damaged => {
                    tracing::warn!("The list of channels is none: it begins anew, by a baseline");
                    let mut pipeline = redis::pipe();
                    self.run_all(pipeline.cmd("DEL").arg(&key)).await?;
                    return Ok(None);
                }
                error => return Err(error),
            },
            _ => return Err(Error::unexpected()),
        };
        if names.is_empty() {
            return Ok(None);
        }
        let is_baseline =
            matches!(answers.next(), Some(Value::BulkString(text)) if text == BASELINE.as_bytes());
        let name = |value| match value {
            Value::BulkString(name) => String::from_utf8(name).ok().filter(|name| !name.is_empty()),
            _ => None,
        };
        Ok(Some(KnownChannels { names: names.into_iter().filter_map(name).collect(), is_baseline }))
    }

    /// Adds channels that the roll call of that moment is about to commit; `begins_baseline` where there is no list yet.
    ///
    /// # Errors
    /// Where Redis could not be asked or refuses: then nothing of these channels must be committed.
    pub async fn expect_channels(
        &self,
        names: &[&str],
        taken_at: Millis,
        begins_baseline: bool,
    ) -> Result<(), Error> {
        let key = self.channels_key();
        let mut pipeline = redis::pipe();
        if begins_baseline {
            pipeline.cmd("HSET").arg(&key).arg("").arg(BASELINE);
        }
        for names in names.chunks(FIELDS_AT_ONCE) {
            pipeline.cmd("HSET").arg(&key);
            for name in names {
                pipeline.arg(name).arg(taken_at);
            }
        }
        pipeline.cmd("EXPIRE").arg(&key).arg(KEPT_FOR.as_secs());
        self.run_all(&pipeline).await
    }

    /// Keeps the list for another while; with `ends_baseline` it says from then on that the baseline is through.
    ///
    /// # Errors
    /// Where Redis could not be asked or refuses.
    pub async fn keep_channels(&self, ends_baseline: bool) -> Result<(), Error> {
        let key = self.channels_key();
        let mut pipeline = redis::pipe();
        if ends_baseline {
            pipeline.cmd("HSET").arg(&key).arg("").arg("");
        }
        pipeline.cmd("EXPIRE").arg(&key).arg(KEPT_FOR.as_secs());
        self.run_all(&pipeline).await
    }

    /// Takes channels out that the roll call of that moment found settled; `now` is the collector's clock.
    ///
    /// # Errors
    /// Where Redis could not be asked or refuses: then they are asked for once more.
    pub async fn forget_channels(
        &self,
        names: &[&str],
        taken_at: Millis,
        now: Millis,
    ) -> Result<(), Error> {
        let key = self.channels_key();
        let chunks: Vec<&[&str]> = names.chunks(FIELDS_AT_ONCE).collect();
        let length = |names: &&[&str]| names.iter().map(|name| name.len()).sum();
        let push = |command: &mut Cmd, names: &&[&str]| {
            command.arg(1).arg(&key).arg(taken_at).arg(now).arg(*names);
        };
        all_done(self.run_script(&FORGET, &chunks, length, push).await?)
    }

    fn channels_key(&self) -> String {
        format!("{}:channels", self.prefix)
    }
}
