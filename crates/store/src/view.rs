//! Reads what is kept for readers.

use bytes::Bytes;
use presence::Millis;
use redis::{Pipeline, Value};

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
    pub view: Bytes,
}

impl ViewKind {
    /// The name of the field that holds it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Members => "members",
        }
    }

    /// Whether a view has its end. Redis never cuts a value, but hands and other programs do, and half a view must not
    /// be served. Reading all of it for each request would be dear, and a length beside it one more thing to get wrong;
    /// but a counts view ends with its last object and a members view with its last list, which next to no cut leaves.
    fn is_whole(self, view: &[u8]) -> bool {
        let end: &[u8] = match self {
            Self::Counts => b"}}",
            Self::Members => b"]}",
        };
        view.starts_with(b"{") && view.ends_with(end)
    }
}

impl Store {
    /// The kept view of a channel; `None` where nothing is kept.
    ///
    /// # Errors
    /// Where Redis could not be asked, or what lies there is no view.
    pub async fn view(&self, channel: &str, kind: ViewKind) -> Result<Option<Kept>, Error> {
        let mut views = self.views(&[(channel, kind)]).await?;
        views.pop().unwrap_or_else(|| Err(Error::unexpected()))
    }

    /// Kept views of channels in one round trip; the answer holds a result for each, in their order.
    ///
    /// # Errors
    /// Where Redis could not be asked; what is wrong with one channel stands in that one's place.
    pub async fn views(
        &self,
        views: &[(&str, ViewKind)],
    ) -> Result<Vec<Result<Option<Kept>, Error>>, Error> {
        let mut pipeline = redis::pipe();
        for (channel, kind) in views {
            self.push_view(&mut pipeline, channel, *kind);
        }
        let answers = self.run(&pipeline).await?;
        Ok(answers.into_iter().zip(views).map(|(answer, (_, kind))| kept(answer, *kind)).collect())
    }

    /// Asks for a view, to be read by [`kept`].
    pub(crate) fn push_view(&self, pipeline: &mut Pipeline, channel: &str, kind: ViewKind) {
        pipeline.cmd("HMGET").arg(self.key(channel, "view")).arg("taken_at").arg(kind.name());
    }
}

/// The view in the answer to [`Store::push_view`].
pub(crate) fn kept(answer: Value, kind: ViewKind) -> Result<Option<Kept>, Error> {
    let fields = match answer {
        Value::Array(fields) => fields,
        Value::ServerError(error) => return Err(Error::of_channel(error)),
        _ => return Err(Error::unexpected()),
    };
    match <[Value; 2]>::try_from(fields) {
        Ok([Value::BulkString(taken_at), Value::BulkString(view)]) if kind.is_whole(&view) => {
            let taken_at = std::str::from_utf8(&taken_at).ok().and_then(|text| text.parse().ok());
            let taken_at = taken_at.ok_or(Error::Damaged)?;
            Ok(Some(Kept { taken_at, view: view.into() }))
        }
        Ok([Value::Nil, Value::Nil]) => Ok(None),
        _ => Err(Error::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::ViewKind;

    #[test]
    fn next_to_no_cut_leaves_a_view_that_seems_whole() {
        let counts = r#"{"v":1,"channel":"a","taken_at":1,"period":60,"present":3,"users":2,"guests":1,"clients":4,"peak":{"today":{"present":3,"at":1},"ever":{"present":9,"at":0}},"live":{"url":"wss://rt.example.com","channel":"presence:a"}"#;
        let lists = r#","members":[{"id":"1","info":{"name":"A]"},"clients":2,"since":1},{"id":"2","info":{},"clients":1,"since":1}],"truncated":false,"recent":[{"id":"3","info":{},"last_seen":0}]"#;
        let cuts = |view: &str, kind: ViewKind| {
            assert!(kind.is_whole(view.as_bytes()));
            let cut = |length: &usize| kind.is_whole(&view.as_bytes()[..*length]);
            (0..view.len()).filter(cut).count()
        };
        assert_eq!(cuts(&format!("{counts}}}"), ViewKind::Counts), 1, "that before `live` alone");
        assert_eq!(cuts(&format!("{counts}{lists}}}"), ViewKind::Members), 0);
    }
}
