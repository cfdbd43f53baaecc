//! A program that is told lines and answers each by a line.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use harness::scratch;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

/// How long it may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);

/// The program, ended when dropped.
pub(crate) struct Dialogue {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Dialogue {
    pub(crate) fn start(name: &str, mut command: Command) -> Result<Self> {
        let log = scratch("side")?.join(format!("{name}.log"));
        command
            // It ends with its standard input too, where nobody is left to end it.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?);
        let program = command.get_program().to_owned();
        let mut child = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        Ok(Self { child, input, output: BufReader::new(output).lines(), log })
    }

    /// What it answers to a line.
    pub(crate) async fn answer(&mut self, line: &str) -> Result<String> {
        // Where it has ended, its last words say more than the broken pipe.
        let _ = self.input.write_all(format!("{line}\n").as_bytes()).await;
        let _ = self.input.flush().await;
        match self.output.next_line().await? {
            Some(answer) => Ok(answer),
            None => bail!("it ended: {}", self.last_words()),
        }
    }

    /// Its process, while it runs.
    pub(crate) fn id(&self) -> Result<u32> {
        match self.child.id() {
            Some(id) => Ok(id),
            None => bail!("it ended: {}", self.last_words()),
        }
    }

    /// Lets it end what it has started itself.
    pub(crate) async fn end(self) {
        let Self { mut child, input, .. } = self;
        drop(input);
        let _ = tokio::time::timeout(GRACE, child.wait()).await;
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let last = log.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no output");
        format!("{} [{}]", last.trim(), self.log.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Dialogue {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Dialogue::start("shell", command).unwrap()
    }

    #[tokio::test]
    async fn each_line_has_its_answer_and_the_end_has_last_words() {
        let mut echo = shell("while read -r line; do echo \"<$line>\"; done");
        assert_eq!(echo.answer("a").await.unwrap(), "<a>");
        assert_eq!(echo.answer("b c").await.unwrap(), "<b c>");
        echo.end().await;

        let mut failing = shell("read -r line; echo \"what is $line?\" >&2");
        let error = failing.answer("x").await.unwrap_err().to_string();
        assert!(error.starts_with("it ended: what is x? ["), "{error}");
    }
}
