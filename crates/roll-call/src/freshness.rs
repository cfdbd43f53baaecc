//! Whether what is kept is so young that no roll call is due.

use presence::Millis;
use store::{Error, ViewKind};

use crate::roll_call::Collector;

/// So many channels speak for all: a roll call takes all of them.
const LOOKED_AT: usize = 100;
/// A view that is further ahead of the clock than this came from a broken one.
const AHEAD_MAX: Millis = 10_000;

impl Collector {
    /// Whether a view younger than a period is kept; not where that can't be seen.
    pub async fn is_fresh(&self) -> bool {
        self.sees_fresh_view().await.unwrap_or(false)
    }

    async fn sees_fresh_view(&self) -> Result<bool, Error> {
        let named: Vec<&str> = self.config.scope.watch.channels().take(LOOKED_AT).collect();
        if self.holds_fresh_view(&named).await? {
            return Ok(true);
        }
        let Some(known) = self.store.channels().await? else { return Ok(false) };
        let known: Vec<&str> = known.names.iter().map(String::as_str).take(LOOKED_AT).collect();
        self.holds_fresh_view(&known).await
    }

    async fn holds_fresh_view(&self, channels: &[&str]) -> Result<bool, Error> {
        if channels.is_empty() {
            return Ok(false);
        }
        let asked: Vec<(&str, ViewKind)> =
            channels.iter().map(|channel| (*channel, ViewKind::Counts)).collect();
        let (now, period) = (self.now(), self.config.scope.period.millis());
        let is_fresh = |taken_at: Millis| taken_at + period > now && taken_at <= now + AHEAD_MAX;
        // One that can't be read is none.
        let views = self.store.views(&asked).await?;
        Ok(views.into_iter().filter_map(Result::ok).flatten().any(|view| is_fresh(view.taken_at)))
    }
}
