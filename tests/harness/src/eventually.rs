//! Waiting with a bound.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// How long to wait between two looks.
const POLL: Duration = Duration::from_millis(20);

/// Waits until `condition` gives a value, for at most `bound`.
///
/// # Errors
/// `what` did not happen in time; a look that hangs counts as well.
pub async fn eventually<T>(
    bound: Duration,
    what: &str,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> Result<T> {
    let looks = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    tokio::time::timeout(bound, looks)
        .await
        .with_context(|| format!("not within {} s: {what}", bound.as_secs_f32()))
        .map_err(|error| anyhow::anyhow!("{error}"))
}
