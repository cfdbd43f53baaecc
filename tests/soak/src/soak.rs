//! The loop: a round is played, what happened is taken in, and everything that left is looked at.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use harness::{Hook, Moto, Queue, eventually, scratch};
use serde_json::Value;

use crate::baseline::Baseline;
use crate::chance::Chance;
use crate::channels::{BROKEN_ROOM, all};
use crate::checks::{self, Calm, Publications, Routes};
use crate::collectors::Collectors;
use crate::crowd::{Crowd, Population};
use crate::faults::{Played, play};
use crate::reader::Reader;
use crate::secrets::Search;
use crate::stack::Stack;
use crate::story::{Round, Story};
use crate::tally::Tally;
use crate::truth::{Circumstances, Committed, Truth};
use crate::violation::Violation;
use crate::watcher::Watcher;

/// So many rounds are told when something went wrong.
const TOLD: usize = 4;
/// Rounds without moves and faults at the end: more than the grace, and one in which all that waits is announced.
const QUIET: usize = 6;

/// Every so many rounds the history of a channel is asked for.
const HISTORY_EACH: u64 = 5;

/// What a soak came to.
pub(crate) struct Outcome {
    pub(crate) table: String,
    /// What went wrong, with the story of the last rounds.
    pub(crate) violations: Vec<String>,
}

struct Soak<'m> {
    stack: Stack,
    announced: Queue<'m>,
    handed_out: Queue<'m>,
    /// Shards that come a round later.
    held_up: Vec<Value>,
    collectors: Collectors,
    reader: Reader,
    watcher: Option<Watcher>,
    crowd: Crowd,
    truth: Truth,
    baseline: Baseline,
    publications: Publications,
    routes: Routes,
    search: Search,
    tally: Tally,
    told: VecDeque<String>,
    folder: PathBuf,
}

/// Soaks for that time with that seed.
pub(crate) async fn soak(seed: u64, time: Duration) -> Result<Outcome> {
    let begun = Instant::now();
    let mut chance = Chance::of(seed);
    let moto = Moto::start().await?;
    let mut soak = Soak::start(&moto, &mut chance).await?;
    let mut story = Story::new(chance.fork());
    let mut violations = Vec::new();
    while begun.elapsed() < time && violations.is_empty() {
        violations = soak.round_or_why_not(&story.next(false)).await;
    }
    for _ in 0..QUIET {
        if violations.is_empty() {
            violations = soak.round_or_why_not(&story.next(true)).await;
        }
    }
    if violations.is_empty() {
        violations = soak.at_the_end().await?;
    }
    Ok(Outcome {
        table: soak.table(seed, begun.elapsed()),
        violations: soak.tell(seed, &violations),
    })
}

impl<'m> Soak<'m> {
    async fn start(moto: &'m Moto, chance: &mut Chance) -> Result<Self> {
        let folder = scratch("soak")?;
        let (announced, handed_out) = (moto.bus_with_queue().await?, moto.bus_with_queue().await?);
        let stack = Stack::start(moto, [announced.bus(), handed_out.bus()], chance).await?;
        let reader = Reader::start(&stack).await?;
        let secrets = [stack.centrifugo.token_secret(), stack.centrifugo.api_key(), Hook::SECRET];
        Ok(Self {
            collectors: Collectors::new(&folder, stack.collector_variables())?,
            search: Search::new(&secrets),
            truth: Truth::new(stack.rules.clone()),
            baseline: Baseline::Due,
            stack,
            announced,
            handed_out,
            held_up: Vec::new(),
            reader,
            watcher: None,
            crowd: Crowd::default(),
            publications: Publications::default(),
            routes: Routes::default(),
            tally: Tally::default(),
            told: VecDeque::new(),
            folder,
        })
    }

    /// One round; what went wrong in it, also with the soak itself: the story is of use then, too.
    async fn round_or_why_not(&mut self, round: &Round) -> Vec<Violation> {
        match self.round(round).await {
            Ok(violations) => violations,
            Err(error) => vec![Violation::of("the soak itself", format!("{error:#}"))],
        }
    }

    /// One round; what went wrong in it.
    async fn round(&mut self, round: &Round) -> Result<Vec<Violation>> {
        self.remember(round);
        self.tally.add("rounds", 1);
        self.tally.add("moves", (round.moves.opened.len() + round.moves.closed.len()) as u64);

        self.move_people(round).await?;

        let population = self.crowd.population();
        let known = checks::known_channels(&self.stack).await?;
        let is_baseline = known.is_none_or(|known| known.is_baseline);
        if let Some(violation) = self.baseline.check(is_baseline) {
            return Ok(vec![violation]);
        }
        let must = checks::must_be_taken(&self.truth, &population);

        let held_up = std::mem::take(&mut self.held_up);
        let is_calm = round.is_calm() && held_up.is_empty();
        let Self { stack, collectors, handed_out, reader, tally, .. } = self;
        let played = play(stack, collectors, handed_out, reader, (round, held_up), tally);
        let mut played = played.await?;
        self.held_up = std::mem::take(&mut played.held_up);
        played.ended.iter().for_each(|ended| self.tally.add_ended(ended));
        let nobody = Crowd::nobody();
        let mut populations: Vec<&Population> = vec![&population];
        if played.centrifugo_was_lost {
            populations.push(&nobody);
        }
        let facts = self.stack.monitor.facts(&self.stack.redis).await?;
        let starts = played.ended.iter().map(|ended| &ended.start).collect();
        let circumstances = Circumstances { populations, starts, is_baseline };
        let committed = match self.truth.take_in(&facts, &circumstances) {
            Ok(committed) => committed,
            Err(violation) => return Ok(vec![violation]),
        };

        let is_through = is_calm && population.values().all(Option::is_some);
        self.baseline = self.baseline.after(&facts, is_through);

        let mut violations = self.look(&played, &committed, round.number).await?;
        if let ([ended], true) = (played.ended.as_slice(), is_calm) {
            let calm = Calm { ended, population: &population, committed: &committed };
            violations.extend(checks::calm(&calm, &must, &self.truth));
            violations.extend(self.wait_for_all(&calm).await?);
        }
        if played.centrifugo_was_lost {
            self.crowd.lose_all();
            self.watcher = None;
        }
        Ok(violations)
    }

    /// Looks at everything that has left.
    async fn look(
        &mut self,
        played: &Played,
        committed: &[Committed],
        number: u64,
    ) -> Result<Vec<Violation>> {
        let mut violations = checks::reports(&played.ended, committed, &mut self.search);
        violations.extend(checks::kept_views(&self.stack.redis, &self.truth).await?);
        let Self { watcher, publications, truth, search, routes, reader, .. } = self;
        if let Some(watcher) = watcher {
            violations.extend(publications.check(watcher, truth, search));
        }
        violations.extend(routes.while_redis_was_away(&played.while_redis_was_away, truth, search));
        violations.extend(routes.check(reader, truth, search).await?);
        if number.is_multiple_of(HISTORY_EACH) {
            let channels: Vec<&str> = all().collect();
            let channel = channels[(number / HISTORY_EACH) as usize % channels.len()];
            violations.extend(routes.history(channel, reader, truth, search).await?);
        }
        violations.extend(self.take_events().await?);
        Ok(violations)
    }

    /// Brings everybody to where the story wants them.
    async fn move_people(&mut self, round: &Round) -> Result<()> {
        self.crowd.close(&round.moves.closed).await;
        for tab in &round.moves.opened {
            if !self.crowd.has(tab.number) {
                self.crowd.open(tab, &self.stack.centrifugo).await?;
            }
        }
        if self.watcher.is_none() {
            self.watcher = Some(Watcher::connect(&self.stack.centrifugo).await?);
            self.publications.begin_anew();
        }
        self.crowd.settle(&self.stack.centrifugo).await
    }

    async fn take_events(&mut self) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        let announced = self.announced.take().await?.into_iter().chain(self.stack.door.heard());
        for event in announced {
            violations.extend(self.search.public("an event", &event.to_string()));
            violations.extend(self.truth.events.arrive(&event));
        }
        Ok(violations)
    }

    /// In calm each view is published, and all is announced that ever was to be.
    async fn wait_for_all(&mut self, calm: &Calm<'_>) -> Result<Vec<Violation>> {
        let mut violations = Vec::new();
        let Self { watcher, publications, truth, search, .. } = self;
        if let Some(watcher) = watcher {
            let all_came = publications.wait_for(calm.committed, watcher, truth, search);
            violations.extend(all_came.await);
        }
        // What waits in a channel that can't be asked waits on.
        let is_broken = calm.population.get(BROKEN_ROOM).is_some_and(Option::is_none);
        let but_of = is_broken.then_some(BROKEN_ROOM);
        let all_came = eventually(Duration::from_secs(10), "", async || {
            match self.take_events().await {
                Ok(more) => violations.extend(more),
                Err(error) => return Some(Err(error)),
            }
            self.truth.events.outstanding(but_of).is_empty().then_some(Ok(()))
        });
        match all_came.await {
            Ok(outcome) => outcome?,
            Err(_) => {
                let missing = self.truth.events.outstanding(but_of);
                let what = format!("not announced by an undisturbed roll call: {missing:?}");
                violations.push(Violation::of("I3", what));
            }
        }
        Ok(violations)
    }

    async fn at_the_end(&mut self) -> Result<Vec<Violation>> {
        let log = self.reader.log()?;
        let mut violations = Vec::from_iter(self.search.log("the snapshot function's log", &log));
        let known = checks::known_channels(&self.stack).await?;
        violations.extend(checks::remembered(known, &self.crowd.population()));
        Ok(violations)
    }

    fn remember(&mut self, round: &Round) {
        self.told.push_back(format!("{round:?}"));
        if self.told.len() > TOLD {
            self.told.pop_front();
        }
    }

    fn tell(&self, seed: u64, violations: &[Violation]) -> Vec<String> {
        if violations.is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
            return Vec::new();
        }
        let mut told: Vec<String> = violations.iter().map(ToString::to_string).collect();
        told.push(format!("seed {seed}; the last rounds were"));
        told.extend(self.told.iter().cloned());
        told.push(format!("logs: {}", Path::new(&self.folder).display()));
        told
    }

    fn table(&mut self, seed: u64, took: Duration) -> String {
        let Self { tally, truth, publications, routes, search, stack, .. } = self;
        tally.add("commits", truth.n_commits);
        tally.add("events that had to arrive", truth.events.n_expected());
        tally.add("events that arrived", truth.events.n_arrived);
        tally.add("events that arrived again", truth.events.n_repeated);
        tally.add("publications", publications.n_received);
        tally.add("HTTP answers", routes.n_answers);
        tally.add("bytes searched", search.n_bytes);
        tally.table(seed, stack.announcer(), took)
    }
}
