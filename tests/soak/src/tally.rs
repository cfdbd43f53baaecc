//! How often what happened.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use harness::Fault;

use crate::collectors::{Ended, Fate};
use crate::story::{Act, Harm, Server};

/// Counts by name, in groups.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub(crate) fn add(&mut self, what: &str, n: u64) {
        *self.0.entry(what.to_owned()).or_default() += n;
    }

    /// A fault that has come about.
    pub(crate) fn add_fault(&mut self, act: &Act) {
        let server = match act.server {
            Server::Centrifugo => "Centrifugo",
            Server::Redis => "Redis",
            Server::Bus => "bus",
        };
        let what = match act.harm {
            Harm::Request { fault, each } => {
                let fault = match fault {
                    Fault::Cut => "cut",
                    Fault::Reset => "reset",
                    Fault::LoseAnswer => "answer lost",
                    Fault::Hang => "silent",
                    Fault::Slow(_) => "slow",
                };
                format!("{server}: {fault}{}", if each { ", each time" } else { "" })
            }
            Harm::Kill { at_once: true } => format!("{server}: killed, an empty one at once"),
            Harm::Kill { at_once: false } => format!("{server}: killed, gone for a roll call"),
            Harm::Freeze(_) => format!("{server}: frozen"),
            Harm::Flush => "Redis: emptied".to_owned(),
            Harm::ForgetScripts => "Redis: scripts forgotten".to_owned(),
            Harm::KillCollector { .. } => "collector: killed".to_owned(),
            Harm::StallCollector => "collector: stood still while others went on".to_owned(),
        };
        self.add("faults", 1);
        self.add(&format!("fault, {what}"), 1);
    }

    pub(crate) fn add_ended(&mut self, ended: &Ended) {
        self.add("roll calls", 1);
        let what = match &ended.fate {
            Fate::Killed => "killed".to_owned(),
            Fate::Failed(error_type) => error_type.clone(),
            Fate::Died => "died".to_owned(),
            Fate::Reported(report) if report["committed"] != 0 => "committed something".to_owned(),
            Fate::Reported(report) if report["handed_out"].is_u64() => "handed out".to_owned(),
            Fate::Reported(report) if report["late"] == true => "late".to_owned(),
            Fate::Reported(report) if report["watched"] == 0 => "nothing to take".to_owned(),
            Fate::Reported(_) => "superseded".to_owned(),
        };
        self.add(&format!("roll call, {what}"), 1);
        if ended.start.is_wrong {
            self.add("faults", 1);
            self.add("fault, collector: a clock an hour wrong", 1);
        }
    }

    pub(crate) fn table(&self, seed: u64, announcer: &str, took: Duration) -> String {
        let seconds = took.as_secs();
        let mut table = format!(
            "\nseed {seed}, announced to {announcer}, {seconds} s\n\n| what | count |\n|---|---|\n"
        );
        for (what, n) in &self.0 {
            let _ = writeln!(table, "| {what} | {n} |");
        }
        table
    }
}
