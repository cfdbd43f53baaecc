//! Plays one round: starts its collectors, does the harm of its acts at their moments, and afterwards makes all good again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use harness::{Fault, FaultProxy, Queue, eventually};
use serde_json::Value;

use crate::chance::Chance;
use crate::collectors::{Collectors, Ended, Running};
use crate::delivery::Delivery;
use crate::reader::{Answer, Reader};
use crate::stack::Stack;
use crate::story::{Act, Harm, Round, Server, Start};
use crate::tally::Tally;

/// More than any round takes: a collector that is still there does not end.
const BOUND: Duration = Duration::from_secs(30);
/// How often it is looked whether the moment of an act has come.
const LOOK: Duration = Duration::from_millis(3);
/// Bytes are held up for so long while the harm is done that they should meet.
const HELD_UP: Duration = Duration::from_millis(40);

/// How long it may take until all connections are closed.
const AT_REST: Duration = Duration::from_secs(20);

/// The channel that is asked for while Redis is away.
pub(crate) const ASKED: &str = "site:main";

/// What a round came to.
pub(crate) struct Played {
    pub(crate) ended: Vec<Ended>,
    pub(crate) centrifugo_was_lost: bool,
    /// Shards that will come in the next round.
    pub(crate) held_up: Vec<Value>,
    /// What a reader got who asked for [`ASKED`] while Redis did not answer.
    pub(crate) while_redis_was_away: Vec<Answer>,
}

struct Play<'p> {
    stack: &'p mut Stack,
    reader: &'p mut Reader,
    tally: &'p mut Tally,
    /// Collectors that are still to be started.
    to_start: VecDeque<Start>,
    running: Vec<Running>,
    /// Acts whose moment has not come, with the strikes of their proxies before.
    waiting: Vec<(Act, usize)>,
    frozen: Option<(Server, Instant)>,
    is_stalled: bool,
    is_dead: Vec<Server>,
    while_redis_was_away: Vec<Answer>,
    centrifugo_was_lost: bool,
}

/// Plays a round, with what was `held_up` in the one before; `shards` is the queue of what is handed out.
pub(crate) async fn play(
    stack: &mut Stack,
    collectors: &Collectors,
    shards: &Queue<'_>,
    reader: &mut Reader,
    (round, held_up): (&Round, Vec<Value>),
    tally: &mut Tally,
) -> Result<Played> {
    stack.door.refuse(round.refusal);
    let refused = stack.door.refused();
    let waiting = round.acts.iter().map(|act| (*act, proxy(stack, act.server).strikes())).collect();
    for act in &round.acts {
        arm(proxy(stack, act.server), act);
    }
    let clock = round.starts[0].clock;
    let to_start = round.starts.iter().cloned().chain(Delivery::after_all(held_up, clock));
    let mut play = Play {
        stack,
        reader,
        tally,
        to_start: to_start.collect(),
        running: Vec::new(),
        waiting,
        frozen: None,
        is_stalled: false,
        is_dead: Vec::new(),
        while_redis_was_away: Vec::new(),
        centrifugo_was_lost: false,
    };
    play.run(collectors, round).await?;
    // A shard that is on the bus comes, whatever became of its planner.
    let delivery = Delivery::of(shards.take().await?, &mut Chance::of(round.delivery), play.tally);
    play.to_start.extend(delivery.now);
    play.run(collectors, round).await?;
    play.make_good().await?;
    let Play { running, centrifugo_was_lost, while_redis_was_away, .. } = play;
    tally.add("entries refused by the bus", stack.door.refused() - refused);
    let ended = running.into_iter().map(Running::finish).collect::<Result<_>>()?;
    let held_up = delivery.held_up;
    Ok(Played { ended, centrifugo_was_lost, held_up, while_redis_was_away })
}

fn proxy(stack: &Stack, server: Server) -> &FaultProxy {
    match server {
        Server::Centrifugo => &stack.to_centrifugo,
        Server::Redis => &stack.to_redis,
        Server::Bus => &stack.to_bus,
    }
}

fn arm(proxy: &FaultProxy, act: &Act) {
    match act.harm {
        Harm::Request { fault, each: true } => proxy.strike_whenever(act.mark, fault),
        Harm::Request { fault, each: false } => proxy.strike_at(act.mark, fault),
        Harm::KillCollector { arrives: true } => proxy.strike_at(act.mark, Fault::LoseAnswer),
        Harm::KillCollector { arrives: false } => proxy.strike_at(act.mark, Fault::Hang),
        Harm::StallCollector => proxy.strike_at(act.mark, Fault::Slow(2 * HELD_UP)),
        _ => proxy.strike_at(act.mark, Fault::Slow(HELD_UP)),
    }
}

impl Play<'_> {
    /// Starts the collectors, the others only when the first stands still where it shall, until all have ended.
    async fn run(&mut self, collectors: &Collectors, round: &Round) -> Result<()> {
        let begun = Instant::now();
        let stalls = round.acts.iter().any(|act| act.harm == Harm::StallCollector);
        loop {
            let is_first = self.running.is_empty();
            let may_start = is_first || !stalls || self.is_stalled || self.running[0].has_ended();
            if may_start && let Some(start) = self.to_start.pop_front() {
                self.running.push(collectors.start(round.number, self.running.len(), start)?);
                continue;
            }
            self.look().await?;
            let others_ended = self.running.iter_mut().skip(1).all(Running::has_ended);
            if self.is_stalled && self.to_start.is_empty() && others_ended {
                self.running[0].process.thaw();
                self.is_stalled = false;
            }
            if self.to_start.is_empty() && self.running.iter_mut().all(Running::has_ended) {
                return Ok(());
            }
            if begun.elapsed() > BOUND {
                bail!("a collector does not end within {} s", BOUND.as_secs());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Does what is due.
    async fn look(&mut self) -> Result<()> {
        if let Some((server, _)) = self.frozen.filter(|(_, until)| Instant::now() > *until) {
            self.freeze(server, false);
            self.frozen = None;
        }
        let is_due =
            |(act, before): &(Act, usize)| proxy(self.stack, act.server).strikes() > *before;
        if let Some(place) = self.waiting.iter().position(is_due) {
            let (act, _) = self.waiting.remove(place);
            self.tally.add_fault(&act);
            self.harm(act).await?;
        }
        Ok(())
    }

    async fn harm(&mut self, Act { server, harm, .. }: Act) -> Result<()> {
        match harm {
            Harm::Request { .. } => {}
            Harm::KillCollector { .. } => self.running[0].kill(),
            Harm::StallCollector => {
                self.running[0].process.freeze();
                self.is_stalled = !self.running[0].has_ended();
            }
            Harm::Freeze(time) => {
                self.freeze(server, true);
                self.frozen = Some((server, Instant::now() + time));
                self.ask_while_away(server).await?;
            }
            Harm::Flush => {
                let _: String = self.stack.redis.command(&["FLUSHALL"]).await?;
            }
            Harm::ForgetScripts => {
                let _: String = self.stack.redis.command(&["SCRIPT", "FLUSH"]).await?;
            }
            Harm::Kill { at_once } => {
                self.kill(server);
                if !at_once {
                    self.ask_while_away(server).await?;
                } else {
                    // Nobody writes to the new one before it is watched.
                    self.running.iter().for_each(|running| running.process.freeze());
                    self.restart(server).await?;
                    self.running.iter().for_each(|running| running.process.thaw());
                }
            }
        }
        Ok(())
    }

    /// Readers are served while Redis is away, too.
    async fn ask_while_away(&mut self, server: Server) -> Result<()> {
        if server == Server::Redis {
            let answer = self.reader.get(&format!("/v1/presence/{ASKED}"), "", false).await?;
            self.while_redis_was_away.push(answer);
        }
        Ok(())
    }

    fn freeze(&mut self, server: Server, is_frozen: bool) {
        let process = match server {
            Server::Centrifugo => self.stack.centrifugo.process(),
            Server::Redis => self.stack.redis.process(),
            Server::Bus => return,
        };
        if is_frozen { process.freeze() } else { process.thaw() }
    }

    fn kill(&mut self, server: Server) {
        match server {
            Server::Centrifugo => {
                self.stack.centrifugo.process().kill();
                self.centrifugo_was_lost = true;
            }
            Server::Redis => self.stack.redis.process().kill(),
            Server::Bus => return,
        }
        self.is_dead.push(server);
    }

    async fn restart(&mut self, server: Server) -> Result<()> {
        self.is_dead.retain(|dead| *dead != server);
        match server {
            Server::Centrifugo => self.stack.centrifugo.restart().await,
            Server::Redis => {
                self.stack.redis.restart().await?;
                self.stack.monitor.again(&self.stack.redis).await
            }
            Server::Bus => Ok(()),
        }
    }

    /// Ends every fault. A server that was to be killed at a moment that never came is killed now, as the story wants it.
    async fn make_good(&mut self) -> Result<()> {
        self.stack.door.refuse(crate::bus::Refusal::Nothing);
        for server in [Server::Centrifugo, Server::Redis, Server::Bus] {
            proxy(self.stack, server).rest();
        }
        if let Some((server, _)) = self.frozen.take() {
            self.freeze(server, false);
        }
        for (act, _) in std::mem::take(&mut self.waiting) {
            if matches!(act.harm, Harm::Kill { .. } | Harm::Flush) {
                self.tally.add_fault(&act);
                self.harm(act).await?;
            }
        }
        for server in std::mem::take(&mut self.is_dead) {
            self.restart(server).await?;
        }
        // What a collector has sent before it was killed may still be on its way.
        eventually(AT_REST, "the servers have seen all that was sent", async || {
            let to_all = [Server::Centrifugo, Server::Redis, Server::Bus];
            to_all.iter().all(|to| proxy(self.stack, *to).passing() == 0).then_some(())
        })
        .await
    }
}
