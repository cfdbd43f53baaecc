//! What has to be built or installed before anything can be measured.

use std::env;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use harness::tools::{self, Report as _};
use harness::{command, root, run, target};

use super::machine::first_line;
use super::program::program;
use super::side::Spec;
use crate::output::{Progress, say};

const WORK: Duration = Duration::from_secs(60 * 60);

/// Runs this very command again, as a release build.
pub(crate) async fn run_in_release() -> Result<ExitCode> {
    say("building the benchmark (some minutes, once)");
    let mut build = command("cargo");
    build.args(["build", "--quiet", "--release", "--package", "xtask"]);
    if !tokio::process::Command::from(build).status().await?.success() {
        bail!("the benchmark can't be built");
    }
    let mut again = Command::new(program("xtask"));
    again.args(env::args_os().skip(1));
    let status = tokio::process::Command::from(again).status().await?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Builds what is measured and what it is measured against. In turns: what one asks of a library is no part of the other.
pub(crate) async fn release(progress: &Progress) -> Result<()> {
    for packages in [["collector", "snapshot"].as_slice(), &["rollcall"], &["bench"]] {
        progress.step(&format!("building {} in release", packages.join(" and ")));
        let mut build = command("cargo");
        build.args(["build", "--release"]);
        for package in packages {
            build.args(["--package", package]);
        }
        run("cargo-build", build, WORK).await?;
    }
    Ok(())
}

/// Our own three sides.
pub(crate) fn own() -> Vec<Spec> {
    let version = first_line("git".as_ref(), &["describe", "--always", "--dirty"]);
    let own = |(name, is_function)| Spec {
        name,
        version: version.clone(),
        program: program(name),
        arguments: Vec::new(),
        is_function,
    };
    [("floor", false), ("collector", true), ("reference", false)].map(own).into()
}

/// The sides that users would write themselves, and who of them is left out, and why.
pub(crate) async fn peers(progress: &Progress) -> (Vec<Spec>, Vec<String>) {
    let mut peers = Vec::new();
    let mut left_out = Vec::new();
    let specs = [
        ("python", python(progress).await),
        ("node", node(progress).await),
        ("go", go(progress).await),
    ];
    for (name, spec) in specs {
        match spec {
            Ok(spec) => peers.push(spec),
            Err(error) => left_out.push(format!("{name}: {error:#}")),
        }
    }
    (peers, left_out)
}

async fn python(progress: &Progress) -> Result<Spec> {
    let folder = root().join("bench/peers/python");
    let python = tools::python_of("venv-bench", &folder.join("requirements.txt"), progress).await?;
    Ok(Spec {
        name: "python",
        version: first_line(&python, &["--version"]),
        program: python,
        arguments: vec!["bench/peers/python/roll_call.py".to_owned()],
        is_function: false,
    })
}

async fn node(progress: &Progress) -> Result<Spec> {
    tools::npm_ci(&root().join("bench/peers/node"), progress).await?;
    let node = tools::on_path("node").context("`node` is not on PATH")?;
    Ok(Spec {
        name: "node",
        version: format!("Node.js {}", first_line(&node, &["--version"])),
        program: node,
        arguments: vec!["bench/peers/node/roll-call.mjs".to_owned()],
        is_function: false,
    })
}

async fn go(progress: &Progress) -> Result<Spec> {
    let program = target().join("tools/bench-go");
    let go = tools::go_build(&root().join("bench/peers/go"), &program, progress).await?;
    Ok(Spec {
        name: "go",
        version: first_line(&go, &["version"]).trim_start_matches("go version ").to_owned(),
        program,
        arguments: Vec::new(),
        is_function: false,
    })
}
