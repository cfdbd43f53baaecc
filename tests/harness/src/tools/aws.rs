//! Tools for AWS, none of which needs AWS. Each family in an environment of its own: they ask for
//! different versions of the same packages.

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::OnceCell;

use super::{Report, venv};

const SAM: [&str; 1] = ["aws-sam-cli==1.170.0"];

/// cfn-lint before 1.57 rejects public endpoints of ElastiCache. The translator is the one that
/// AWS runs for `Transform: AWS::Serverless-2016-10-31`.
const MOTO: [&str; 3] =
    ["moto[all,server]==5.2.5", "cfn-lint==1.58.0", "aws-sam-translator==1.115.0"];

const CHECKOV: [&str; 1] = ["checkov==3.3.30"];

/// The path of `sam`.
///
/// # Errors
/// The Python package cannot be installed.
pub async fn sam(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(|| venv::program_of("venv-sam", &SAM, "bin/sam", report)).await.cloned()
}

/// The path of a Python that has moto, cfn-lint and the translator of SAM templates; `cfn-lint` stands
/// beside it.
///
/// # Errors
/// The Python packages cannot be installed.
pub async fn moto_python(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(async || {
        let server = venv::program_of("venv-moto", &MOTO, "bin/moto_server", report).await?;
        Ok(server.with_file_name("python"))
    })
    .await
    .cloned()
}

/// The path of `moto_server`.
///
/// # Errors
/// The Python packages cannot be installed.
pub async fn moto_server(report: &dyn Report) -> Result<PathBuf> {
    Ok(moto_python(report).await?.with_file_name("moto_server"))
}

/// The path of `checkov`.
///
/// # Errors
/// The Python package cannot be installed.
pub async fn checkov(report: &dyn Report) -> Result<PathBuf> {
    static PATH: OnceCell<PathBuf> = OnceCell::const_new();
    PATH.get_or_try_init(|| venv::program_of("venv-checkov", &CHECKOV, "bin/checkov", report))
        .await
        .cloned()
}
