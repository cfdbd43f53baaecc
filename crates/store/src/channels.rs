//! The channels of the last roll call: they stand in where a glob can't be listed, and whether there is any such list
//! tells a first roll call from all later ones.
//!
//! The list is a hash with a field for each channel and one with an empty name, by which an empty list exists. A channel
//! is there before anything of it is committed, so that a roll call which is cut off leaves a channel too many, never one
//! too few. Its value is the roll call that meant to commit it: one that finds the channel settled takes it out only where
//! no later one counts on it, so overlapping roll calls don't undo each other's work.

use std::collections::HashSet;

use presence::Millis;
use redis::{Cmd, Pipeline, Value};

use crate::connection::{Error, KEPT_FOR, Store, all_done};
use crate::script::Script;

/// ElastiCache Serverless takes 3,999 arguments of a command.
const FIELDS_AT_ONCE: usize = 1000;
/// Commands with so many fields that go into one pipeline: each pipeline has to be through within the time of an answer,
/// and Redis serves others in between.
const COMMANDS_AT_ONCE: usize = 10;
/// Fields that are read in one go.
const SCANNED_AT_ONCE: usize = 10_000;

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
    pub names: HashSet<String>,
    /// Whether the first roll call ever did not get to its end.
    pub is_baseline: bool,
}

/// What the list says of some channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mentions {
    /// For each of them the roll call that meant to commit it; `None`: it is not in the list.
    pub meant_by: Vec<Option<Millis>>,
    /// Whether the first roll call ever did not get to its end.
    pub is_baseline: bool,
}

impl Store {
    /// The channels of the last roll call; `None` where there was none, or Redis was lost.
    ///
    /// They are read some thousands at a time, so that Redis serves others in between: what is there all the while is found,
    /// what comes or goes meanwhile may be or not.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no list.
    pub async fn channels(&self) -> Result<Option<KnownChannels>, Error> {
        let key = self.channels_key();
        let mut names = HashSet::new();
        let (mut exists, mut is_baseline) = (false, false);
        let mut cursor = b"0".to_vec();
        loop {
            let mut pipeline = redis::pipe();
            pipeline.cmd("HSCAN").arg(&key).arg(&cursor).arg("COUNT").arg(SCANNED_AT_ONCE);
            let page = match self.run(&pipeline).await?.into_iter().next() {
                Some(Value::Array(page)) => page,
                Some(Value::ServerError(error)) => match Error::of_channel(error) {
                    Error::Damaged => {
                        tracing::warn!(
                            "The list of channels is none: it begins anew, by a baseline"
                        );
                        let mut pipeline = redis::pipe();
                        self.run_all(pipeline.cmd("DEL").arg(&key)).await?;
                        return Ok(None);
                    }
                    error => return Err(error),
                },
                _ => return Err(Error::unexpected()),
            };
            let Ok([Value::BulkString(next), Value::Array(fields)]) = <[Value; 2]>::try_from(page)
            else {
                return Err(Error::unexpected());
            };
            let mut fields = fields.into_iter();
            while let (Some(Value::BulkString(name)), Some(Value::BulkString(value))) =
                (fields.next(), fields.next())
            {
                exists = true;
                match String::from_utf8(name) {
                    Ok(name) if name.is_empty() => is_baseline = value == BASELINE.as_bytes(),
                    Ok(name) => _ = names.insert(name),
                    Err(_) => {}
                }
            }
            if next == b"0" {
                return Ok(exists.then_some(KnownChannels { names, is_baseline }));
            }
            cursor = next;
        }
    }

    /// What the list says of some channels; `None` where there is no list: no roll call was taken, or Redis was lost.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no list.
    pub async fn mentions(&self, names: &[&str]) -> Result<Option<Mentions>, Error> {
        let key = self.channels_key();
        let mut pipeline = redis::pipe();
        pipeline.cmd("EXISTS").arg(&key).cmd("HGET").arg(&key).arg("");
        for names in names.chunks(FIELDS_AT_ONCE) {
            pipeline.cmd("HMGET").arg(&key).arg(names);
        }
        let mut answers = self.run(&pipeline).await?.into_iter();
        let (exists, baseline) = (answers.next(), answers.next());
        let mut meant_by = Vec::with_capacity(names.len());
        for answer in answers {
            match answer {
                Value::Array(moments) => meant_by.extend(moments.into_iter().map(moment)),
                Value::ServerError(error) => return Err(Error::refused(error)),
                _ => return Err(Error::unexpected()),
            }
        }
        let is_baseline =
            matches!(baseline, Some(Value::BulkString(text)) if text == BASELINE.as_bytes());
        let exists = exists == Some(Value::Int(1));
        Ok(exists.then_some(Mentions { meant_by, is_baseline }))
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
            let command = pipeline.cmd("HSET").arg(&key);
            for name in names {
                command.arg(name).arg(taken_at);
            }
            if pipeline.len() >= COMMANDS_AT_ONCE {
                self.run_all(&std::mem::take(&mut pipeline)).await?;
            }
        }
        self.run_all(self.keep_list(&mut pipeline)).await
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
        self.run_all(self.keep_list(&mut pipeline)).await
    }

    fn keep_list<'p>(&self, pipeline: &'p mut Pipeline) -> &'p Pipeline {
        pipeline.cmd("EXPIRE").arg(self.channels_key()).arg(KEPT_FOR.as_secs())
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
        let length = |names: &&[&str]| names.iter().map(|name| name.len()).sum();
        let push = |command: &mut Cmd, names: &&[&str]| {
            command.arg(1).arg(&key).arg(taken_at).arg(now).arg(*names);
        };
        let commands: Vec<&[&str]> = names.chunks(FIELDS_AT_ONCE).collect();
        for commands in commands.chunks(COMMANDS_AT_ONCE) {
            all_done(self.run_script(&FORGET, commands, length, push).await?)?;
        }
        Ok(())
    }

    pub(crate) fn channels_key(&self) -> String {
        format!("{}:channels", self.prefix)
    }
}

/// The value of a channel; what is no moment counts as one that is long ago.
fn moment(value: Value) -> Option<Millis> {
    match value {
        Value::BulkString(text) => {
            Some(std::str::from_utf8(&text).ok().and_then(|text| text.parse().ok()).unwrap_or(0))
        }
        _ => None,
    }
}
