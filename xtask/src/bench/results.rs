//! What was found, as it is kept in `target/bench/results.json`.

use std::fs;

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::machine::Machine;
use super::statistics::Summary;

/// Everything.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// Who is not here, and why.
    pub(crate) left_out: Vec<String>,
    pub(crate) collector: Vec<CaseResult>,
    pub(crate) plan: Option<Plan>,
    pub(crate) shards: Option<Shards>,
    /// From the start of a process until it asks for its first event, in milliseconds.
    pub(crate) ready_ms: Vec<(String, Summary)>,
    pub(crate) snapshot: Vec<SnapshotResult>,
    pub(crate) serve: Option<Serve>,
    /// What the pages were visited with, where they were.
    pub(crate) browser: String,
    /// The pages that show the number.
    pub(crate) element: Vec<ElementResult>,
    pub(crate) bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Bar {
    pub(crate) what: String,
    pub(crate) limit: f64,
    /// Else at least.
    pub(crate) is_at_most: bool,
    pub(crate) unit: &'static str,
    /// `None` where it was not measured.
    pub(crate) figure: Option<f64>,
}

impl Bar {
    /// Whether it holds, where it was measured.
    pub(crate) fn holds(&self) -> Option<bool> {
        let figure = self.figure?;
        Some(if self.is_at_most { figure <= self.limit } else { figure >= self.limit })
    }
}

impl Results {
    /// The median of a figure of a side of the snapshot.
    pub(crate) fn median_of(
        &self,
        case: &str,
        name: &str,
        of: fn(&SnapshotResult) -> Option<Summary>,
    ) -> Option<f64> {
        let found = self.snapshot.iter().find(|side| side.case == case && side.name == name)?;
        of(found).map(|summary| summary.median)
    }
}

/// A case of the collector.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CaseResult {
    pub(crate) name: String,
    pub(crate) channels: usize,
    pub(crate) clients: usize,
    pub(crate) rounds: usize,
    /// Bytes of all answers of Centrifugo.
    pub(crate) answer_bytes: u64,
    pub(crate) sides: Vec<SideResult>,
}

/// What a side took for one roll call.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SideResult {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) command: String,
    /// Why its figures do not count.
    pub(crate) void: Option<String>,
    pub(crate) figures: Option<Figures>,
}

/// Figures of right work.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Figures {
    pub(crate) wall_ms: Summary,
    pub(crate) cpu_ms: Summary,
    pub(crate) peak_bytes: Summary,
    /// Of one published view of the first channel.
    pub(crate) view_bytes: f64,
    /// A month of roll calls in AWS Lambda.
    pub(crate) dollars: f64,
}

/// What it takes to divide very many channels and to hand out the shards.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plan {
    pub(crate) channels: usize,
    pub(crate) shards: usize,
    /// The first plan ever, which writes all channels down.
    pub(crate) first_ms: f64,
    pub(crate) first_peak_bytes: u64,
    pub(crate) wall_ms: Summary,
    pub(crate) cpu_ms: Summary,
    /// The most of all plans.
    pub(crate) peak_bytes: u64,
}

/// What its shards take, once the channels have ledgers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shards {
    pub(crate) channels: usize,
    pub(crate) shards: usize,
    /// So many take them side by side.
    pub(crate) collectors: usize,
    /// Until all are taken.
    pub(crate) wall_ms: f64,
    /// Of all of them.
    pub(crate) cpu_ms: f64,
    /// Until one is taken.
    pub(crate) of_one_ms: Summary,
    /// The most of a collector.
    pub(crate) peak_bytes: u64,
    /// What Redis holds then.
    pub(crate) redis_bytes: u64,
}

/// What a warm function, or a server, takes for one request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SnapshotResult {
    /// `snapshot/round` or `snapshot/hot`.
    pub(crate) case: String,
    pub(crate) name: String,
    pub(crate) void: Option<String>,
    /// Median, least and 99th percentile of all requests, in microseconds.
    pub(crate) latency_us: Option<Summary>,
    /// Of each slice of the requests.
    pub(crate) cpu_us: Option<Summary>,
}

/// What `rollcall serve` takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Serve {
    /// From its start until it has answered the first request, in milliseconds.
    pub(crate) ready_ms: Summary,
    /// What it holds after a roll call, in MB.
    pub(crate) idle_mb: Summary,
}

/// What a page takes until it shows the number.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ElementResult {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) visits: usize,
    pub(crate) void: Option<String>,
    /// Of the page's one script.
    pub(crate) script_bytes: usize,
    pub(crate) gzipped_bytes: usize,
    /// From the beginning of the visit until the number stands in the page, in milliseconds.
    pub(crate) first_ms: Option<Summary>,
    /// The worst layout shift of all visits.
    pub(crate) shift: Option<f64>,
}

impl CaseResult {
    /// The figures of a side, where they count.
    pub(crate) fn figures(&self, side: &str) -> Option<Figures> {
        self.sides.iter().find(|result| result.name == side)?.figures
    }
}

impl Results {
    pub(crate) fn case(&self, name: &str) -> Option<&CaseResult> {
        self.collector.iter().find(|case| case.name == name)
    }

    /// What a page took, void or not.
    pub(crate) fn page(&self, name: &str) -> Option<&ElementResult> {
        self.element.iter().find(|page| page.name == name)
    }

    /// Notes once who is not here, and why.
    pub(crate) fn leave_out(&mut self, why: String) {
        if !self.left_out.contains(&why) {
            self.left_out.push(why);
        }
    }

    /// Writes them.
    pub(crate) fn write(&self) -> Result<()> {
        let folder = harness::target().join("bench");
        fs::create_dir_all(&folder)?;
        let path = folder.join("results.json");
        let json = serde_json::to_vec_pretty(self)?;
        fs::write(&path, json).with_context(|| format!("cannot write {}", path.display()))
    }
}
