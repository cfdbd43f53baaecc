//! Two minutes of the soak, each time another story: its seed is told, so that a bad one can be played again.

use anyhow::Result;

use super::Outcome;
use super::stream;
use crate::output::Progress;
use crate::soak;

const MINUTES: u64 = 2;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let command = soak::command(MINUTES, None, &progress).await?;
    drop(progress);
    stream::check("soak", command).await
}
