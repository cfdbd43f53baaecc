//! Where Centrifugo is and how to be let in.

use std::fmt;

use reqwest::Url;
use reqwest::header::HeaderValue;
use settings::Reader;

/// Address and key of the server API.
#[derive(Clone)]
pub struct Config {
    /// `CENTRIFUGO_API_URL`, without a slash at its end.
    pub(crate) api_url: String,
    /// `CENTRIFUGO_API_KEY`.
    pub(crate) api_key: HeaderValue,
}

impl Config {
    /// Where the server API is. The address may hold a password.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// Reads the variables; `None` where one is wrong, which `reader` remembers.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let api_url = reader.required("CENTRIFUGO_API_URL", "http://127.0.0.1:8000/api", |text| {
            let wrong =
                || "must be an http(s) address such as http://127.0.0.1:8000/api".to_owned();
            let url = Url::parse(text).map_err(|_| wrong())?;
            let plain = matches!(url.scheme(), "http" | "https")
                && url.query().is_none()
                && url.fragment().is_none();
            plain.then(|| url.as_str().trim_end_matches('/').to_owned()).ok_or_else(wrong)
        });
        let api_key = reader.required(
            "CENTRIFUGO_API_KEY",
            "the value of Centrifugo's http_api.key",
            |text| {
                let mut key = HeaderValue::from_str(text)
                    .map_err(|_| "must hold nothing but printable ASCII characters".to_owned())?;
                key.set_sensitive(true);
                Ok(key)
            },
        );
        Some(Self { api_url: api_url?, api_key: api_key? })
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").finish_non_exhaustive()
    }
}
