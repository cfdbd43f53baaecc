//! The floor: moves the bytes that a roll call must move and does nothing with them.

use anyhow::{Context as _, Result};
use bench::side::{ASKED_MAX, Done, KEPT_SECONDS, Side, serve};

/// Bytes that a ledger keeps of a user.
const USER_BYTES: usize = 120;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut side = Side::from_environment().await?;
    let floor = Floor::measure(&side).await?;
    floor.write_ledgers(&mut side).await?;
    serve(async |taken_at| floor.take(&mut side, taken_at).await).await
}

/// What there is to move, learned before anything is measured.
struct Floor {
    /// Bytes of each channel's ledger, in the order of the channels.
    ledgers: Vec<usize>,
    counts: String,
    members: String,
}

impl Floor {
    async fn measure(side: &Side) -> Result<Self> {
        let truth = side.page("/truth").await?;
        let ledger = |room: &serde_json::Value| Some(room["users"].as_u64()? as usize * USER_BYTES);
        let rooms = truth.as_array().context("no truth")?;
        let ledgers = rooms.iter().map(ledger).collect::<Option<_>>().context("no users")?;
        let sample = side.page("/sample-view").await?;
        Ok(Self {
            ledgers,
            counts: sample["counts"].as_str().context("no view")?.to_owned(),
            members: sample["members"].as_str().context("no view")?.to_owned(),
        })
    }

    async fn write_ledgers(&self, side: &mut Side) -> Result<()> {
        for (channel, bytes) in side.channels.clone().iter().zip(&self.ledgers) {
            let ledger = vec![b'x'; *bytes];
            let mut set = redis::cmd("SET");
            set.arg(side.key(channel, "ledger")).arg(ledger);
            set.exec_async(&mut side.redis).await?;
        }
        Ok(())
    }

    async fn take(&self, side: &mut Side, taken_at: u64) -> Result<Done> {
        let mut done = Done::default();
        let mut redis = side.redis.clone();
        for channels in side.channels.chunks(ASKED_MAX) {
            let mut answer = side.ask(channels).await?;
            while answer.chunk().await?.is_some() {}

            let mut read = redis::pipe();
            for channel in channels {
                read.get(side.key(channel, "ledger"));
            }
            let ledgers: Vec<Vec<u8>> = read.query_async(&mut redis).await?;

            let mut write = redis::pipe();
            for (channel, ledger) in channels.iter().zip(ledgers) {
                let view = side.key(channel, "view");
                write.set(side.key(channel, "ledger"), ledger).ignore();
                let fields = [("counts", &self.counts), ("members", &self.members)];
                write.hset_multiple(&view, &fields).ignore();
                write.expire(&view, KEPT_SECONDS).ignore();
            }
            write.exec_async(&mut redis).await?;
            done.committed += channels.len();

            let views: Vec<_> =
                channels.iter().map(|channel| (channel.as_str(), self.members.as_str())).collect();
            done.published += side.publish(&views, taken_at).await?;
        }
        Ok(done)
    }
}
