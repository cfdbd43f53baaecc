//! What somebody asks who looks whether Redis is set up well.

use redis::{ConnectionAddr, Value};

use crate::config::Config;
use crate::connection::{Error, Store};
use crate::script::Script;

/// Carries out all commands that Rollcall needs on keys of a channel, and takes away what it wrote; answers with what was
/// refused. It is one script, so that nobody sees a key of it and none stays. Who may delete nothing writes nothing.
static REHEARSAL: Script = Script::new(
    "local view, ledger, history = KEYS[1], KEYS[2], KEYS[3]
     local refused = {}
     for _, command in ipairs({
       {'DEL', view}, {'SET', history, 'x'}, {'SETRANGE', history, 1, 'y'}, {'GETRANGE', history, 0, 1},
       {'HSET', view, 'field', 'value'}, {'HGET', view, 'field'}, {'HMGET', view, 'field'},
       {'HSTRLEN', view, 'field'}, {'HSCAN', view, 0}, {'HDEL', view, 'field'},
       {'HSET', ledger, 'field', 'value'}, {'EXPIRE', ledger, 1}, {'EXPIRE', view, 1},
       {'EXPIRE', history, 1}, {'GET', history}, {'DEL', view}, {'DEL', ledger}, {'DEL', history},
     }) do
       local answer = redis.pcall(unpack(command))
       if type(answer) == 'table' and answer.err then
         refused[#refused + 1] = command[1] .. ': ' .. answer.err
         if command[1] == 'DEL' then break end
       end
     end
     return refused",
);

/// What a server says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// `Redis`, or as it calls itself.
    pub name: String,
    /// E.g. `8.0.2`; of Valkey the version of its own.
    pub version: String,
    /// The version of Redis whose commands it has: major and minor.
    pub redis: (u32, u32),
}

impl Config {
    /// Where Redis is, without user and password.
    pub fn place(&self) -> String {
        match self.url.addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                format!("{host}:{port}")
            }
            other => other.to_string(),
        }
    }

    /// What the keys begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl Store {
    /// What the server says of itself.
    ///
    /// # Errors
    /// Where it says nothing.
    pub async fn about(&self) -> Result<About, Error> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("INFO").arg("server");
        match self.run(&pipeline).await?.into_iter().next() {
            Some(Value::BulkString(text)) => About::read(&String::from_utf8_lossy(&text)),
            Some(Value::VerbatimString { text, .. }) => About::read(&text),
            Some(Value::ServerError(error)) => return Err(Error::refused(error)),
            _ => None,
        }
        .ok_or_else(Error::unexpected)
    }

    /// Does what a commit does to the keys of a channel that nobody watches, and reads the list of channels. Nothing stays.
    /// The answer holds each command that was refused, and why.
    ///
    /// # Errors
    /// Where no script runs, or not on these keys.
    pub async fn rehearse(&self, channel: &str) -> Result<Vec<String>, Error> {
        let keys = ["view", "ledger", "history"].map(|name| self.key(channel, name));
        let push = |command: &mut redis::Cmd, keys: &&[String; 3]| {
            command.arg(keys.len()).arg(keys.as_slice());
        };
        let answers = self.run_script(&REHEARSAL, &[&keys], |_| 0, push).await?;
        let mut refused: Vec<String> = match answers.into_iter().next() {
            Some(Value::Array(refused)) => refused.into_iter().filter_map(text).collect(),
            Some(Value::ServerError(error)) => return Err(Error::refused(error)),
            _ => return Err(Error::unexpected()),
        };
        let mut pipeline = redis::pipe();
        pipeline.cmd("HGET").arg(self.channels_key()).arg("");
        for answer in self.run(&pipeline).await? {
            // A list that is none is mended by the next roll call.
            if let Value::ServerError(error) = answer
                && error.code() != "WRONGTYPE"
            {
                refused.push(format!("HGET {}: {}", self.channels_key(), Error::refused(error)));
            }
        }
        Ok(refused)
    }
}

impl About {
    /// Reads the answer to `INFO server`.
    fn read(info: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = info.lines().filter_map(|line| line.split_once(':'));
            fields.find(|(known, _)| *known == name).map(|(_, value)| value.trim())
        };
        let redis = field("redis_version")?;
        let mut numbers = redis.split('.').map(|number| number.parse().ok());
        let numbers = (numbers.next()??, numbers.next()??);
        let (name, version) = match field("valkey_version") {
            Some(version) => ("Valkey", version),
            None => ("Redis", redis),
        };
        Some(Self { name: name.to_owned(), version: version.to_owned(), redis: numbers })
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_what_it_is() {
        let redis = "# Server\r\nredis_version:6.0.16\r\nredis_mode:standalone\r\n";
        let about = About::read(redis).unwrap();
        assert_eq!((about.name.as_str(), about.version.as_str()), ("Redis", "6.0.16"));
        assert_eq!(about.redis, (6, 0));
        let valkey = "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\n";
        let about = About::read(valkey).unwrap();
        assert_eq!((about.name.as_str(), about.version.as_str()), ("Valkey", "8.1.1"));
        assert_eq!(about.redis, (7, 2));
        assert_eq!(About::read("redis_version:next"), None);
    }
}
