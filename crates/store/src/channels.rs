//! The channels of the last roll call: they stand in where a glob can't be listed, and whether there is any such list
//! tells a first roll call from all later ones.
//!
//! The list is a hash with a field for each channel and one with an empty name, by which an empty list exists. Roll
//! calls that overlap only add what they saw and take out what they saw settled, so none undoes the other's work.

use std::collections::BTreeSet;

use redis::Value;

use crate::connection::{Error, KEPT_FOR, Store};

/// ElastiCache Serverless takes 3,999 arguments of a command.
const FIELDS_AT_ONCE: usize = 1000;

impl Store {
    /// The channels of the last roll call; `None` where there was none, or Redis was lost.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no list.
    pub async fn channels(&self) -> Result<Option<BTreeSet<String>>, Error> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("HKEYS").arg(self.channels_key());
        let names = match self.run(&pipeline).await?.pop() {
            Some(Value::Array(names)) => names,
            Some(Value::ServerError(error)) => return Err(Error::refused(error)),
            _ => return Err(Error::unexpected()),
        };
        if names.is_empty() {
            return Ok(None);
        }
        let name = |value| match value {
            Value::BulkString(name) => String::from_utf8(name).ok().filter(|name| !name.is_empty()),
            _ => None,
        };
        Ok(Some(names.into_iter().filter_map(name).collect()))
    }

    /// Adds channels to the list and takes others out; the list exists from then on.
    ///
    /// # Errors
    /// Where Redis could not be asked or refuses.
    pub async fn change_channels(&self, add: &[&str], remove: &[&str]) -> Result<(), Error> {
        let key = self.channels_key();
        let mut pipeline = redis::pipe();
        pipeline.cmd("HSET").arg(&key).arg("").arg("");
        for names in add.chunks(FIELDS_AT_ONCE) {
            pipeline.cmd("HSET").arg(&key);
            for name in names {
                pipeline.arg(name).arg("");
            }
        }
        for names in remove.chunks(FIELDS_AT_ONCE) {
            pipeline.cmd("HDEL").arg(&key).arg(names);
        }
        pipeline.cmd("EXPIRE").arg(&key).arg(KEPT_FOR.as_secs());
        self.run_all(&pipeline).await
    }

    fn channels_key(&self) -> String {
        format!("{}:channels", self.prefix)
    }
}
