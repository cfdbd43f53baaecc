//! Reads what is kept.

use presence::Millis;
use redis::Value;

use crate::connection::{Error, Store};

/// Which of the two views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ViewKind {
    /// Numbers only.
    Counts,
    /// Numbers and the list.
    Members,
}

/// A view as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When its roll call was taken.
    pub taken_at: Millis,
    /// The view, compact JSON.
    pub view: Vec<u8>,
}

impl ViewKind {
    /// The name of the field that holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Members => "members",
        }
    }
}

impl Store {
    /// The kept view of a channel; `None` where nothing is kept.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no view.
    pub async fn view(&self, channel: &str, kind: ViewKind) -> Result<Option<Kept>, Error> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("HMGET").arg(self.key(channel, "view")).arg("taken_at").arg(kind.name());
        let fields = match self.run(&pipeline).await?.pop() {
            Some(Value::Array(fields)) => fields,
            Some(Value::ServerError(error)) => return Err(Error::refused(error)),
            _ => return Err(Error::unexpected()),
        };
        match <[Value; 2]>::try_from(fields) {
            Ok([Value::BulkString(taken_at), Value::BulkString(view)]) => {
                let taken_at =
                    std::str::from_utf8(&taken_at).ok().and_then(|text| text.parse().ok());
                taken_at.map(|taken_at| Some(Kept { taken_at, view })).ok_or_else(Error::unexpected)
            }
            Ok([Value::Nil, Value::Nil]) => Ok(None),
            _ => Err(Error::unexpected()),
        }
    }
}
