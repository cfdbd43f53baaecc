//! What the commands say: a moving line on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use harness::tools::Report;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::task::JoinHandle;

/// How long a log may be silent while a step goes on.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(30);

/// Writes a line. A reader that has gone is no reason to fail.
pub(crate) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

/// Writes text as it is.
pub(crate) fn pass_on(bytes: &[u8]) {
    let mut stdout = stdout();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

/// Writes one line of error.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(stderr(), "error: {line}");
}

/// Shows what is being done.
pub(crate) enum Progress {
    /// A line that changes in place.
    Moving(ProgressBar),
    /// A line for each step, and a sign of life while one takes long.
    Plain { current: Arc<Mutex<(String, Instant)>>, heartbeat: JoinHandle<()> },
}

impl Progress {
    /// As fits the standard output.
    pub(crate) fn start() -> Self {
        if !stdout().is_terminal() {
            return Self::plain();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::Moving(bar)
    }

    /// Plain lines, e.g. between the output of programs.
    pub(crate) fn plain() -> Self {
        let current = Arc::new(Mutex::new((String::new(), Instant::now())));
        let heartbeat = tokio::spawn(beat(Arc::clone(&current)));
        Self::Plain { current, heartbeat }
    }

    /// A line that stays.
    pub(crate) fn line(&self, line: &str) {
        match self {
            Self::Moving(bar) => bar.println(line),
            Self::Plain { .. } => say(line),
        }
    }

    /// A line that the next one may replace.
    pub(crate) fn status(&self, line: &str) {
        match self {
            Self::Moving(bar) => {
                bar.set_message(line.to_owned());
                bar.reset_elapsed();
            }
            Self::Plain { current, .. } => {
                *current.lock().unwrap_or_else(PoisonError::into_inner) =
                    (String::new(), Instant::now());
                say(line);
            }
        }
    }

    /// How far something has got. A log has a line at its beginning alone.
    pub(crate) fn part(&self, what: &str, done: usize, all: usize) {
        const WIDTH: usize = 24;
        match self {
            Self::Moving(bar) => {
                let full = (done * WIDTH / all.max(1)).min(WIDTH);
                let (full, rest) = ("█".repeat(full), "░".repeat(WIDTH - full));
                bar.set_message(format!("{full}{rest} {what}"));
                if done == 0 {
                    bar.reset_elapsed();
                }
            }
            Self::Plain { .. } if done == 0 => self.step(what),
            Self::Plain { .. } => {}
        }
    }
}

impl Report for Progress {
    fn step(&self, what: &str) {
        self.status(what);
        if let Self::Plain { current, .. } = self {
            *current.lock().unwrap_or_else(PoisonError::into_inner) =
                (what.to_owned(), Instant::now());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        match self {
            Self::Moving(bar) => bar.finish_and_clear(),
            Self::Plain { heartbeat, .. } => heartbeat.abort(),
        }
    }
}

async fn beat(current: Arc<Mutex<(String, Instant)>>) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        let (what, since) = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if !what.is_empty() && since.elapsed() >= HEARTBEAT {
            say(&format!("still {what} ({} s)", since.elapsed().as_secs()));
        }
    }
}
