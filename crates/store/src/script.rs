//! Scripts, called by their hash.

use std::sync::OnceLock;

use redis::{Cmd, Pipeline, Value};

use crate::connection::{Error, Store};

/// As many as the commit has.
const ARGUMENTS: usize = 19;

/// A script in Lua.
pub(crate) struct Script {
    source: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    pub(crate) const fn new(source: &'static str) -> Self {
        Self { source, hash: OnceLock::new() }
    }

    fn hash(&self) -> &str {
        self.hash.get_or_init(|| redis::Script::new(self.source).get_hash().to_owned())
    }
}

impl Store {
    /// Runs a script for each of `calls` in one go and gives an answer to each; `push` adds a call's keys, their number
    /// first, and its arguments, `length` says about how many bytes that are. A server that does not know the script by its
    /// hash (it was restarted, or another one answers behind a proxy) gets the script itself.
    ///
    /// # Errors
    /// Where Redis could not be asked; what it has against one call is a [`Value::ServerError`] in its place.
    pub(crate) async fn run_script<C>(
        &self,
        script: &Script,
        calls: &[C],
        length: impl Fn(&C) -> usize,
        push: impl Fn(&mut Cmd, &C),
    ) -> Result<Vec<Value>, Error> {
        let command = |name: &str, script: &str, call: &C| {
            let mut command = Cmd::with_capacity(ARGUMENTS, script.len() + length(call));
            push(command.arg(name).arg(script), call);
            command
        };
        let mut pipeline = Pipeline::with_capacity(calls.len());
        for call in calls {
            pipeline.add_command(command("EVALSHA", script.hash(), call));
        }
        let mut answers = self.run(&pipeline).await?;
        let mut pipeline = redis::pipe();
        let mut unanswered = Vec::new();
        for (answer, call) in answers.iter_mut().zip(calls) {
            if matches!(answer, Value::ServerError(error) if error.code() == "NOSCRIPT") {
                pipeline.add_command(command("EVAL", script.source, call));
                unanswered.push(answer);
            }
        }
        if !unanswered.is_empty() {
            for (place, answer) in unanswered.into_iter().zip(self.run(&pipeline).await?) {
                *place = answer;
            }
        }
        Ok(answers)
    }
}
