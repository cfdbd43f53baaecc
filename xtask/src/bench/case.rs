//! What the collector is measured with.

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Case {
    /// `collector/1x10k`
    pub(crate) name: String,
    pub(crate) channels: usize,
    /// In each channel.
    pub(crate) clients: usize,
    /// Whether Centrifugo and Redis are far away.
    pub(crate) is_far: bool,
    /// Whether Centrifugo and its clients are real.
    pub(crate) is_real: bool,
    /// That count, after the warm-up.
    pub(crate) rounds: usize,
}

/// The cases, the quick ones or all.
pub(crate) fn cases(quick: bool) -> Vec<Case> {
    let case = |(name, channels, clients, rounds): (&str, usize, usize, usize)| Case {
        name: format!("collector/{name}"),
        channels,
        clients,
        is_far: name.ends_with("-far"),
        is_real: name.starts_with("real-"),
        rounds,
    };
    let quick_ones = [
        ("1x1k", 1, 1000, 10),
        ("1x10k", 1, 10_000, 6),
        ("100x10", 100, 10, 10),
        ("1000x10", 1000, 10, 4),
        ("1000x10-far", 1000, 10, 4),
    ];
    let all = [
        ("1x1k", 1, 1000, 30),
        ("1x10k", 1, 10_000, 20),
        ("1x100k", 1, 100_000, 8),
        ("1x1M", 1, 1_000_000, 4),
        ("100x10", 100, 10, 30),
        ("1000x10", 1000, 10, 16),
        ("10000x10", 10_000, 10, 6),
        ("1000x10-far", 1000, 10, 10),
        ("real-1x10k", 1, 10_000, 16),
    ];
    if quick { quick_ones.map(case).into() } else { all.map(case).into() }
}
