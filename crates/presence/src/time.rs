//! Moments. This crate is told them; whoever reads a clock does it through one type.

use std::sync::Arc;

/// A moment: milliseconds since the Unix epoch.
pub type Millis = u64;

/// Reads a clock.
pub type Clock = Arc<dyn Fn() -> Millis + Send + Sync>;
