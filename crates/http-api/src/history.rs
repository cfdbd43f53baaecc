//! `GET /v1/presence/{channel}/history`: how many were present in each minute of a day.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::value::RawValue;
use store::{Error, History};

use crate::answer::Answer;

/// The answer for a channel, made from what is kept. The records are those of the counts view, as they stand there.
pub(crate) fn answer(channel: &str, history: &History) -> Result<Answer, Error> {
    #[derive(Deserialize)]
    struct View<'a> {
        #[serde(borrow)]
        peak: &'a RawValue,
    }
    let History { counts, from, present } = history;
    let View { peak } = serde_json::from_slice(&counts.view).map_err(|_| Error::Damaged)?;
    let channel = serde_json::Value::from(channel);
    let mut body =
        format!("{{\"v\":1,\"channel\":{channel},\"step\":60,\"from\":{from},\"present\":[");
    for (index, minute) in present.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        // Writing to a string can't fail.
        let _ = match minute {
            Some(present) => write!(body, "{present}"),
            None => body.write_str("null"),
        };
    }
    body.push_str("],\"peak\":");
    body.push_str(peak.get());
    body.push('}');
    Ok(Answer { taken_at: counts.taken_at, body: body.into() })
}
