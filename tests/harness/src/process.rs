//! A child process that does not outlive us.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::{eventually, scratch};

/// How long a child may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Ends the group `$1` once the pipe on standard input closes: when its owner has died, however.
const GUARD: &str = r#"
read -r _
kill -s "$2" -- "-$1" 2>/dev/null || exit 0
i=0
while [ "$i" -lt 50 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; i=$((i + 1)); done
kill -s KILL -- "-$1" 2>/dev/null
"#;

/// A running program: in a process group of its own, its output in a file, killed when dropped.
///
/// A small guard process holds the other end of a pipe, so the group also ends when this process
/// is killed or interrupted and no destructor runs.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
    group: Pid,
    guard: Child,
    on_drop: OnDrop,
    ended: Option<ExitStatus>,
    /// Nothing is left to kill: the ids may belong to somebody else by now.
    gone: bool,
}

/// What a drop does to the child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnDrop {
    Kill,
    /// First SIGINT, for a child that has to end children in groups of their own.
    Interrupt,
}

impl Process {
    /// Starts `command`; its output is appended to `<folder>/<name>.log`.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start(name: &str, folder: &Path, command: Command) -> Result<Self> {
        Self::start_with(name, folder, command, OnDrop::Kill)
    }

    /// As [`Process::start`], for a program whose children are in process groups of their own: it
    /// always gets SIGINT, and time to end them, before it is killed.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start_parent(name: &str, folder: &Path, command: Command) -> Result<Self> {
        Self::start_with(name, folder, command, OnDrop::Interrupt)
    }

    fn start_with(
        name: &str,
        folder: &Path,
        mut command: Command,
        on_drop: OnDrop,
    ) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let group = Pid::from_child(&child);
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &child.id().to_string(), on_drop.signal_name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        let guard = match guard {
            Ok(guard) => guard,
            Err(error) => {
                let _ = kill_process_group(group, Signal::KILL);
                return Err(error).context("cannot start sh");
            }
        };
        let name = name.to_owned();
        Ok(Self { name, log, child, group, guard, on_drop, ended: None, gone: false })
    }

    /// The file that the output goes to.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How the child ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// One line for a child that has ended although it should run: its name, how, and its last words.
    pub fn death(&mut self) -> Option<anyhow::Error> {
        let status = self.ended()?;
        Some(anyhow!("{} ended ({status}): {}", self.name, self.last_words()))
    }

    /// Waits until `probe` gives a value.
    ///
    /// # Errors
    /// The child ends meanwhile, or `bound` is over; the line has the last words of the log.
    pub async fn until<T>(
        &mut self,
        bound: Duration,
        what: &str,
        mut probe: impl AsyncFnMut() -> Option<T>,
    ) -> Result<T> {
        let outcome = eventually(bound, what, async || {
            let value = probe().await;
            // Looked at last: an answer may have come from somebody else on the port of a child
            // that could not bind it.
            match self.death() {
                Some(death) => Some(Err(death)),
                None => value.map(Ok),
            }
        })
        .await;
        match outcome {
            Ok(outcome) => outcome,
            Err(error) => bail!("{error}; last words of {}: {}", self.name, self.last_words()),
        }
    }

    /// Waits for the end of a command that has work to do.
    ///
    /// # Errors
    /// It fails (the line has its last words) or takes longer than `bound`.
    pub async fn finish(mut self, bound: Duration) -> Result<()> {
        let what = format!("the end of {}", self.name);
        let status = eventually(bound, &what, async || self.ended()).await?;
        if !status.success() {
            bail!("{} failed ({status}): {}", self.name, self.last_words());
        }
        Ok(())
    }

    /// Stops the child's group as SIGSTOP does: it keeps its connections and answers nothing.
    pub fn freeze(&self) {
        let _ = kill_process_group(self.group, Signal::STOP);
    }

    /// Ends [`Process::freeze`].
    pub fn thaw(&self) {
        let _ = kill_process_group(self.group, Signal::CONT);
    }

    /// Ends the child: politely, then, if that takes too long, not.
    pub async fn stop(&mut self) {
        if self.ended().is_none() {
            self.ask_to_end();
            let _ = eventually(GRACE, "", async || self.ended()).await;
        }
        self.kill();
    }

    /// Kills the child at once, as a crash would.
    pub fn kill(&mut self) {
        if std::mem::replace(&mut self.gone, true) {
            return;
        }
        let _ = kill_process_group(self.group, Signal::KILL);
        if self.ended.is_none() {
            self.ended = self.child.wait().ok();
        }
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }

    fn ask_to_end(&self) {
        self.thaw();
        let _ = kill_process_group(self.group, self.on_drop.signal());
    }

    /// The last lines of the log as one line, each cut where it gets long.
    pub fn last_words(&self) -> String {
        let words = tail(&self.log).unwrap_or_default();
        let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut last: Vec<String> =
            lines.rev().take(3).map(|line| line.chars().take(200).collect()).collect();
        if last.is_empty() {
            return "no output".to_owned();
        }
        last.reverse();
        format!("{} [{}]", last.join(" | "), self.log.display())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.on_drop == OnDrop::Interrupt && self.ended().is_none() {
            self.ask_to_end();
            let end = Instant::now() + GRACE;
            while self.ended().is_none() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        self.kill();
    }
}

impl OnDrop {
    fn signal(self) -> Signal {
        match self {
            Self::Kill => Signal::TERM,
            Self::Interrupt => Signal::INT,
        }
    }

    fn signal_name(self) -> &'static str {
        match self {
            Self::Kill => "TERM",
            Self::Interrupt => "INT",
        }
    }
}

/// Runs a command to its end in a group of its own, its output in a file.
///
/// # Errors
/// It cannot be started, fails (one line with its last words), or takes longer than `bound`.
pub async fn run(name: &str, command: Command, bound: Duration) -> Result<()> {
    let folder = scratch(name)?;
    Process::start(name, &folder, command)?.finish(bound).await
}

/// The end of a file, at most 2 KiB.
fn tail(path: &Path) -> Result<String> {
    let mut file = File::open(path)?;
    let start = fs::metadata(path)?.len().saturating_sub(2048);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
