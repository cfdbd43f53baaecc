//! The variables of a webhook.

use std::fmt;

use reqwest::Url;
use settings::Reader;

/// Bytes of a secret, as the standard recommends.
const SECRET: std::ops::RangeInclusive<usize> = 24..=64;

/// Where events go, and what signs them.
#[derive(Clone)]
pub struct Config {
    /// `EVENT_WEBHOOK_URL`.
    pub(crate) url: Url,
    /// `EVENT_WEBHOOK_SECRET`.
    pub(crate) secret: String,
}

impl Config {
    /// Reads the variables; `None` where there is no webhook, or one is wrong or missing, which `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let is_set =
            |reader: &Reader<'_>, name| reader.text(name).is_some_and(|text| !text.is_empty());
        let url_is_set = is_set(reader, "EVENT_WEBHOOK_URL");
        let secret_is_set = is_set(reader, "EVENT_WEBHOOK_SECRET");
        let url = reader.optional("EVENT_WEBHOOK_URL", |text| {
            let url = Url::parse(text).ok();
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            url.ok_or_else(|| {
                "must be an http(s) address such as https://example.com/hooks/presence".to_owned()
            })
        });
        let secret = reader.optional("EVENT_WEBHOOK_SECRET", |text| {
            let length = text.strip_prefix("whsec_").map(bytes_of_base64);
            let is_good = length.is_some_and(|length| SECRET.contains(&length))
                && standardwebhooks::Webhook::new(text).is_ok();
            if is_good {
                Ok(text.to_owned())
            } else {
                Err("must be whsec_ and the base64 of 24 to 64 bytes".to_owned())
            }
        });
        match (url_is_set, secret_is_set) {
            (true, false) => {
                reader.problem("EVENT_WEBHOOK_SECRET", "is required where EVENT_WEBHOOK_URL is set")
            }
            (false, true) => {
                reader.problem("EVENT_WEBHOOK_URL", "is required where EVENT_WEBHOOK_SECRET is set")
            }
            _ => {}
        }
        let config = Self { url: url?, secret: secret? };
        if is_set(reader, "EVENT_BUS_NAME") {
            reader.problem("EVENT_WEBHOOK_URL", "goes not together with EVENT_BUS_NAME");
        }
        Some(config)
    }

    /// The host alone: the rest of the address may be a secret.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port at that host.
    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Whether TLS is spoken there.
    pub fn has_tls(&self) -> bool {
        self.url.scheme() == "https"
    }
}

fn bytes_of_base64(text: &str) -> usize {
    text.trim_end_matches('=').len() * 3 / 4
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use settings::from_pairs;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn read(url: &str, secret: &str) -> Result<Option<Config>, String> {
        let pairs = [("EVENT_WEBHOOK_URL", url), ("EVENT_WEBHOOK_SECRET", secret)];
        let lookup = from_pairs(&pairs);
        let mut reader = Reader::new(&lookup);
        let config = Config::read(&mut reader);
        reader.finish(Some(config)).map_err(|problems| problems.to_string())
    }

    #[test]
    fn both_or_none() {
        assert!(read("https://user:secret@example.com/hooks?x=1", SECRET).unwrap().is_some());
        assert!(read("", "").unwrap().is_none());
        assert!(
            read("https://example.com", "")
                .unwrap_err()
                .contains("EVENT_WEBHOOK_SECRET is required")
        );
        assert!(read("", SECRET).unwrap_err().contains("EVENT_WEBHOOK_URL is required"));
    }

    #[test]
    fn what_is_wrong_is_named_and_not_shown() {
        for url in ["ftp://hunter2.example.com", "hunter2", "http://"] {
            let error = read(url, SECRET).unwrap_err();
            assert!(
                error.contains("EVENT_WEBHOOK_URL must be") && !error.contains("hunter2"),
                "{error}"
            );
        }
        let of = |bytes: usize| format!("whsec_{}", "AAAA".repeat(bytes / 3));
        assert!(read("https://x", &of(24)).is_ok() && read("https://x", &of(63)).is_ok());
        for secret in
            [&of(21), &of(66), "hunter2", "whsec_hunter2!hunter2!hunter2!hunter2!", &SECRET[6..]]
        {
            let error = read("https://x", secret).unwrap_err();
            assert!(
                error.contains("EVENT_WEBHOOK_SECRET must be") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }
}
