//! Where Redis is and under which prefix Rollcall's keys lie.

use std::fmt;

use redis::{ConnectionInfo, IntoConnectionInfo};
use settings::Reader;

use crate::iam::Iam;

/// Address and key prefix.
#[derive(Clone)]
pub struct Config {
    /// `REDIS_URL`.
    pub(crate) url: ConnectionInfo,
    /// `REDIS_PREFIX`.
    pub(crate) prefix: String,
    /// `REDIS_IAM_CACHE`: how to get a password for each connection; `None`: the URL has it, or none is needed.
    pub(crate) iam: Option<Iam>,
}

impl Config {
    /// Reads the variables; `None` where one is wrong, which `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url = reader.required("REDIS_URL", "redis://127.0.0.1:6379", |text| {
            let known = text.starts_with("redis://") || text.starts_with("rediss://");
            let url = known.then(|| text.into_connection_info().ok()).flatten();
            url.ok_or_else(|| "must be a redis:// or rediss:// address".to_owned())
        });
        let prefix = reader.optional("REDIS_PREFIX", |text| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte);
            if text.bytes().all(plain) {
                Ok(text.to_owned())
            } else {
                Err("may hold letters, digits, _ . : and - only".to_owned())
            }
        });
        let iam = Iam::read(reader, url.as_ref());
        Some(Self { url: url?, prefix: prefix.unwrap_or_else(|| "rollcall".to_owned()), iam })
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
