//! Looks over Redis' shoulder: `MONITOR` tells in their true order the commands that scripts execute, so what was committed,
//! and when, is known whatever became of the collector that did it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use harness::{Redis, eventually};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// Something that happened in Redis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// The views of a channel were written.
    Kept(Kept),
    /// Everything was lost.
    Lost,
}

/// The views of a channel as they are kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    pub(crate) channel: String,
    pub(crate) taken_at: u64,
    pub(crate) counts: String,
    pub(crate) members: String,
}

/// Facts with the moment at which they were read here, and the last word of ours that came through.
#[derive(Default)]
struct Seen {
    facts: Vec<(Instant, Fact)>,
    heard: String,
}

/// Watches one Redis, over its restarts.
pub(crate) struct Monitor {
    seen: Arc<Mutex<Seen>>,
    reader: JoinHandle<()>,
    n_words: u64,
}

impl Monitor {
    pub(crate) async fn start(redis: &Redis) -> Result<Self> {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let reader = attach(redis, &seen).await?;
        Ok(Self { seen, reader, n_words: 0 })
    }

    /// To be called when an empty Redis has taken the place of the one before, and nobody has had a chance to write to it.
    pub(crate) async fn again(&mut self, redis: &Redis) -> Result<()> {
        // All that the old one said lies in the socket; its end follows.
        let _ = tokio::time::timeout(Duration::from_secs(5), &mut self.reader).await;
        lock(&self.seen).facts.push((Instant::now(), Fact::Lost));
        self.reader = attach(redis, &self.seen).await?;
        let n_keys: u64 = redis.command(&["DBSIZE"]).await?;
        anyhow::ensure!(n_keys == 0, "somebody wrote to Redis before it was watched");
        Ok(())
    }

    /// All that has happened since the last time.
    pub(crate) async fn facts(&mut self, redis: &Redis) -> Result<Vec<(Instant, Fact)>> {
        self.n_words += 1;
        let word = format!("soak-{}", self.n_words);
        let _: String = redis.command(&["ECHO", &word]).await?;
        let seen = &self.seen;
        eventually(Duration::from_secs(20), "Redis tells what it does", async || {
            (lock(seen).heard == word).then_some(())
        })
        .await?;
        Ok(std::mem::take(&mut lock(seen).facts))
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn attach(redis: &Redis, seen: &Arc<Mutex<Seen>>) -> Result<JoinHandle<()>> {
    let mut stream =
        TcpStream::connect(("127.0.0.1", redis.port())).await.context("Redis is not there")?;
    stream.write_all(b"MONITOR\r\n").await?;
    let mut lines = BufReader::new(stream);
    let mut line = Vec::new();
    // `+OK`: from here on nothing is missed.
    lines.read_until(b'\n', &mut line).await?;
    let seen = Arc::clone(seen);
    Ok(tokio::spawn(async move {
        loop {
            line.clear();
            match lines.read_until(b'\n', &mut line).await {
                Ok(1..) => lock(&seen).hear(&line),
                _ => return,
            }
        }
    }))
}

impl Seen {
    fn hear(&mut self, line: &[u8]) {
        let words = words(line);
        let word = |place: usize| words.get(place).map(String::as_str).unwrap_or_default();
        match word(0).to_uppercase().as_str() {
            "ECHO" => self.heard = word(1).to_owned(),
            "FLUSHALL" => self.facts.push((Instant::now(), Fact::Lost)),
            "HSET" => {
                self.facts.extend(kept(&words).map(|kept| (Instant::now(), Fact::Kept(kept))))
            }
            _ => {}
        }
    }
}

/// The views, where that is what was written.
fn kept(words: &[String]) -> Option<Kept> {
    let channel = words.get(1)?.strip_prefix("rollcall:{")?.strip_suffix("}:view")?.to_owned();
    let field = |name: &str| {
        let place = words.iter().skip(2).step_by(2).position(|word| word == name)?;
        words.get(2 * place + 3).cloned()
    };
    let taken_at = field("taken_at")?.parse().ok()?;
    Some(Kept { channel, taken_at, counts: field("counts")?, members: field("members")? })
}

/// The words of a line such as `+1700000000.123456 [0 lua] "HSET" "key" "a \"field\""`.
fn words(line: &[u8]) -> Vec<String> {
    let mut words = Vec::new();
    let mut bytes = line.iter().copied().skip_while(|byte| *byte != b']').skip(1);
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            continue;
        }
        let mut word = Vec::new();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => break,
                b'\\' => match bytes.next() {
                    Some(b'n') => word.push(b'\n'),
                    Some(b'r') => word.push(b'\r'),
                    Some(b't') => word.push(b'\t'),
                    Some(b'a') => word.push(7),
                    Some(b'b') => word.push(8),
                    Some(b'x') => {
                        let mut digit = || char::from(bytes.next().unwrap_or(b'0')).to_digit(16);
                        let (high, low) = (digit().unwrap_or(0), digit().unwrap_or(0));
                        word.push(u8::try_from(high * 16 + low).unwrap_or_default());
                    }
                    Some(other) => word.push(other),
                    None => {}
                },
                other => word.push(other),
            }
        }
        words.push(String::from_utf8_lossy(&word).into_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_as_it_was_written() {
        let line = br#"+1.5 [0 lua] "HSET" "rollcall:{room:1}:view" "taken_at" "7" "counts" "{\"a\":\"\xc3\xbc\\n\"}" "members" "m"
"#;
        let kept = kept(&words(line)).unwrap();
        assert_eq!((kept.channel.as_str(), kept.taken_at), ("room:1", 7));
        assert_eq!((kept.counts.as_str(), kept.members.as_str()), ("{\"a\":\"ü\\n\"}", "m"));
    }

    #[test]
    fn other_keys_are_no_views() {
        for line in
            [&br#"+1.5 [0 lua] "HSET" "rollcall:{room:1}:ledger" "taken_at" "7""#[..], b"+OK"]
        {
            assert_eq!(kept(&words(line)), None);
        }
    }
}
