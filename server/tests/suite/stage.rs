//! A Centrifugo, a Redis and the program between them.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use harness::{Centrifugo, Redis, Visit, Visitor};
use serde_json::{Value, json};

pub(crate) struct Stage {
    pub(crate) centrifugo: Centrifugo,
    pub(crate) redis: Redis,
    variables: BTreeMap<String, String>,
}

impl Stage {
    /// Starts the servers; `channels` are to be watched.
    pub(crate) async fn watching(channels: &str) -> Self {
        let centrifugo = Centrifugo::start().await.unwrap();
        let redis = Redis::start().await.unwrap();
        let mut stage = Self { centrifugo, redis, variables: BTreeMap::new() };
        stage.set("WATCH_CHANNELS", channels);
        stage.set("CENTRIFUGO_API_URL", &stage.centrifugo.api_url());
        stage.set("CENTRIFUGO_API_KEY", stage.centrifugo.api_key());
        stage.set("REDIS_URL", &stage.redis.url());
        stage
    }

    /// Changes a variable for the programs started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// The program with the variables of this stage alone.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.args(arguments).env_clear().envs(&self.variables);
        command
    }

    /// Runs the program to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = self.program(arguments);
        let output = tokio::task::spawn_blocking(move || command.output());
        Ended::of(output.await.unwrap().unwrap())
    }

    /// What is kept of a channel.
    pub(crate) async fn members(&self, channel: &str) -> Option<Value> {
        let words = ["HGET", &format!("rollcall:{{{channel}}}:view"), "members"];
        let view: Option<String> = self.redis.command(&words).await.unwrap();
        view.map(|view| serde_json::from_str(&view).unwrap())
    }

    /// Somebody with a token comes to a channel.
    pub(crate) async fn user(&self, id: &str, channel: &str) -> Visitor {
        let visit = Visit { user: Some(id), info: json!({}), channels: &[channel] };
        Visitor::connect(&self.centrifugo, visit).await.unwrap()
    }
}

/// How a program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let status = output.status.code().unwrap();
        Self { status, stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The report on standard output, where nothing else may stand.
    pub(crate) fn report(&self) -> Value {
        let report: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(report["roll_calls"].as_array().unwrap().len(), 1, "{report}");
        report["roll_calls"][0].clone()
    }
}
