//! A Centrifugo, a Redis and the program between them.

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use harness::{Centrifugo, Process, Redis, Visit, Visitor};
use reqwest::header::HeaderMap;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

const READY: Duration = Duration::from_secs(10);
/// Enough for the next two moments, ten seconds apart.
const A_PERIOD_OR_TWO: Duration = Duration::from_secs(30);

pub(crate) struct Stage {
    pub(crate) centrifugo: Centrifugo,
    pub(crate) redis: Redis,
    variables: BTreeMap<String, String>,
}

impl Stage {
    /// Starts the servers; `channels` are to be watched.
    pub(crate) async fn watching(channels: &str) -> Self {
        Self::beside(Centrifugo::start().await.unwrap(), channels).await
    }

    /// The same beside that Centrifugo.
    pub(crate) async fn beside(centrifugo: Centrifugo, channels: &str) -> Self {
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

    /// Takes a variable away for the programs started from now on.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.remove(name);
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

/// `rollcall serve`, and what it answers.
pub(crate) struct Serving {
    pub(crate) process: Process,
    pub(crate) url: String,
    pub(crate) metrics_url: String,
    http: reqwest::Client,
}

impl Stage {
    /// Starts `rollcall serve` on free ports and waits until it says where.
    pub(crate) async fn serve(&mut self) -> Serving {
        self.prepare();
        Self::serving(self.program(&["serve"])).await
    }

    /// The same, where no more than so many files may be open.
    pub(crate) async fn serve_with_files(&mut self, files: u32) -> Serving {
        self.prepare();
        let mut command = Command::new("/bin/sh");
        let limited = format!("ulimit -n {files} && exec \"$0\" serve");
        command.args(["-c", &limited, env!("CARGO_BIN_EXE_rollcall")]);
        command.env_clear().envs(&self.variables);
        Self::serving(command).await
    }

    fn prepare(&mut self) {
        self.set("LISTEN", "127.0.0.1:0");
        self.set("METRICS_LISTEN", "127.0.0.1:0");
        self.set("RUST_LOG", "debug");
    }

    /// Starts the program and lets it run.
    pub(crate) fn start(&self, arguments: &[&str]) -> Process {
        start(self.program(arguments))
    }

    async fn serving(command: Command) -> Serving {
        let mut process = start(command);
        let log = process.log().to_owned();
        let said = async |what: &str| {
            let log = std::fs::read_to_string(&log).ok()?;
            let line = log.lines().find_map(|line| line.split_once(what));
            line.map(|(_, url)| url.trim_end_matches('/').to_owned())
        };
        let serves = async || Some((said("rollcall serves ").await?, said("Metrics at ").await?));
        let (url, metrics_url) = process.until(READY, "it says where", serves).await.unwrap();
        Serving { process, url, metrics_url, http: harness::http_client().unwrap() }
    }
}

fn start(command: Command) -> Process {
    let folder = harness::scratch("rollcall").unwrap();
    Process::start("rollcall", &folder, command).unwrap()
}

impl Serving {
    /// Asks for a path.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answered { status, headers, body: answer.bytes().await.unwrap().to_vec() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.ask("GET", path, &[]).await
    }

    /// The lines that Prometheus gets.
    pub(crate) async fn metrics(&self) -> String {
        self.http.get(&self.metrics_url).send().await.unwrap().text().await.unwrap()
    }

    /// The value of a line of metrics, e.g. `rollcall_present`.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let metrics = self.metrics().await;
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}")).parse().unwrap()
    }

    /// Waits until so many roll calls had that result.
    pub(crate) async fn roll_calls(&self, result: &str, least: f64) {
        let name = format!("rollcall_roll_calls_total{{result=\"{result}\"}}");
        let are_there = async || (self.metric(&name).await >= least).then_some(());
        harness::eventually(A_PERIOD_OR_TWO, &format!("{least} roll calls {result}"), are_there)
            .await
            .unwrap();
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.process.log()).unwrap()
    }

    /// Sends a signal, as an operator does.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits for the end, and gives the exit status and how long it took.
    pub(crate) async fn end(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        let ended = async || self.process.ended();
        let status = harness::eventually(Duration::from_secs(15), "its end", ended).await.unwrap();
        (status.code(), begun.elapsed())
    }
}

/// An answer to a request.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    /// A header; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
