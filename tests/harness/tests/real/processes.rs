use std::process::Command;
use std::time::Duration;

use harness::{Process, eventually, run, scratch};

const BOUND: Duration = Duration::from_secs(10);

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn is_running(id: u32) -> bool {
    // A zombie has no command line.
    let output = Command::new("ps").args(["-o", "stat=", "-p", &id.to_string()]).output().unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}

/// The process id that a script wrote to a file.
async fn written(file: &std::path::Path) -> u32 {
    eventually(BOUND, "a process id", async || {
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_drop_ends_the_whole_group() {
    let folder = scratch("group").unwrap();
    let file = folder.join("id");
    let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
    let process = Process::start("group", &folder, shell(&script)).unwrap();
    let grandchild = written(&file).await;
    assert!(is_running(process.id()) && is_running(grandchild));
    let child = process.id();
    drop(process);
    let gone = async || (!is_running(child) && !is_running(grandchild)).then_some(());
    eventually(BOUND, "the group is gone", gone).await.unwrap();
}

#[tokio::test]
async fn a_stop_is_polite_first_and_ends_a_deaf_child_too() {
    let folder = scratch("polite").unwrap();
    let script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
    let mut polite = Process::start("polite", &folder, shell(script)).unwrap();
    let ready = async || polite_log_has(&folder, "ready").then_some(());
    eventually(BOUND, "it is ready", ready).await.unwrap();
    polite.stop().await;
    assert!(polite_log_has(&folder, "bye"));

    let script = "trap '' TERM; while :; do sleep 0.05; done";
    let mut deaf = Process::start("deaf", &folder, shell(script)).unwrap();
    deaf.stop().await;
    assert!(!is_running(deaf.id()));
}

fn polite_log_has(folder: &std::path::Path, word: &str) -> bool {
    std::fs::read_to_string(folder.join("polite.log")).unwrap().contains(word)
}

#[tokio::test]
async fn a_child_that_dies_early_is_one_line_with_its_last_words() {
    let folder = scratch("early").unwrap();
    let script = "echo one; echo 'no such option' >&2; exit 3";
    let mut process = Process::start("early", &folder, shell(script)).unwrap();
    let error = process.until(BOUND, "it answers", async || None::<()>).await.unwrap_err();
    let line = error.to_string();
    assert!(line.starts_with("early ended (exit status: 3): one | no such option ["), "{line}");
    assert!(!line.contains('\n'));

    let failed = run("failing", shell("echo broken; exit 1"), BOUND).await.unwrap_err().to_string();
    assert!(failed.starts_with("failing failed (exit status: 1): broken ["), "{failed}");
    run("working", shell("true"), BOUND).await.unwrap();
}

/// A process that is killed runs no destructor; the guard ends the children all the same.
#[tokio::test]
async fn children_end_when_their_owner_is_killed() {
    let folder = scratch("owner").unwrap();
    let file = folder.join("id");
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::owner_that_is_killed", "--nocapture"])
        .env("OWNER_FOLDER", &folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let child = written(&file).await;
    assert!(is_running(child));
    owner.kill().unwrap();
    owner.wait().unwrap();
    eventually(BOUND, "the child is gone", async || (!is_running(child)).then_some(()))
        .await
        .unwrap();
}

/// The owner of the test above; does nothing when run by itself.
#[tokio::test]
async fn owner_that_is_killed() {
    let Some(folder) = std::env::var_os("OWNER_FOLDER").map(std::path::PathBuf::from) else {
        return;
    };
    let file = folder.join("id");
    let script = format!("echo $$ > {}; exec sleep 1000", file.display());
    let _process = Process::start("owned", &folder, shell(&script)).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn waiting_ends_with_what_did_not_happen() {
    let bound = Duration::from_millis(100);
    let error = eventually(bound, "snow falls", async || None::<()>).await.unwrap_err();
    assert_eq!(error.to_string(), "not within 0.1 s: snow falls");
    let hangs = async || {
        std::future::pending::<()>().await;
        Some(())
    };
    assert!(eventually(bound, "an answer", hangs).await.is_err());
}
