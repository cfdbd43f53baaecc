//! Two minutes of the soak, each time the same story: what fails here fails for a change, and not for another story.

use anyhow::Result;

use super::Outcome;
use super::stream;
use crate::output::Progress;
use crate::soak;

const MINUTES: u64 = 2;
const SEED: u64 = 54;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let command = soak::command(MINUTES, Some(SEED), &progress).await?;
    drop(progress);
    stream::check("soak", command).await
}
