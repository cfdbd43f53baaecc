//! Every way to get Rollcall, built and then tried in an empty folder or environment.

use anyhow::Result;
use harness::tools;

use super::counts::Counts;
use super::{Outcome, stream, unittest};
use crate::output::Progress;
use crate::package;

pub(crate) async fn run() -> Result<Outcome> {
    let progress = Progress::plain();
    let folder = harness::target().join("package");
    package::build(&folder, &progress).await?;

    // Any Python does that reads YAML.
    let mut command = unittest::of("package", tools::moto_python(&progress).await?);
    command
        .env("ROLLCALL_PACKAGE", folder)
        .env("ROLLCALL_CENTRIFUGO", tools::centrifugo(&progress).await?)
        .env("ROLLCALL_REDIS", tools::redis_server(&progress).await?);
    for (name, program) in [
        ("QEMU", tools::qemu_aarch64(&progress).await),
        ("BUILDAH", tools::buildah(&progress).await),
        ("SYSTEMD_ANALYZE", tools::systemd_analyze(&progress).await),
    ] {
        match program {
            Ok(program) => command.env(format!("ROLLCALL_{name}"), program),
            Err(error) => command.env(format!("ROLLCALL_NO_{name}"), format!("{error:#}")),
        };
    }
    drop(progress);
    stream::tests("package", command, Counts::of_unittest).await
}
