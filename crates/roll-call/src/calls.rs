//! Entries to a bus: by as few calls as it takes them in, several at once, and none any more once it is down.

use std::sync::OnceLock;

use futures_util::stream::{self, StreamExt as _};

/// Calls under way at once.
const CALLS_AT_ONCE: usize = 8;

/// What became of the entries of a call, in their order: taken, or why not.
pub type Verdicts = Vec<Result<(), String>>;

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Taken,
    Refused(String),
    /// The bus takes nothing any more, or the call has no answer yet.
    Unsent,
}

/// Sends `entries`, `call_length` of which go into the next call. Each verdict is there as soon as its call is answered:
/// whatever cuts this off leaves the others `Unsent`. Gives why the bus takes nothing any more.
pub(crate) async fn send<T>(
    entries: &[T],
    verdicts: &mut Vec<Verdict>,
    call_length: impl Fn(&[T]) -> usize,
    call: impl AsyncFn(&[T]) -> Result<Verdicts, String>,
) -> Option<String> {
    verdicts.clear();
    verdicts.resize(entries.len(), Verdict::Unsent);
    let mut calls = Vec::new();
    let (mut rest, mut open) = (entries, verdicts.as_mut_slice());
    while !rest.is_empty() {
        let length = call_length(rest).clamp(1, rest.len());
        let (now, later) = rest.split_at(length);
        let (answers, others) = open.split_at_mut(length);
        calls.push((now, answers));
        (rest, open) = (later, others);
    }
    let down = OnceLock::new();
    stream::iter(calls)
        .for_each_concurrent(CALLS_AT_ONCE, async |(entries, answers)| {
            // Those that wait for their turn meanwhile: a bus that is down is not waited for again.
            if down.get().is_some() {
                return;
            }
            match call(entries).await {
                Ok(verdicts) if verdicts.len() == entries.len() => {
                    for (answer, verdict) in answers.iter_mut().zip(verdicts) {
                        *answer = verdict.into();
                    }
                }
                Ok(verdicts) => {
                    let n_answers = verdicts.len();
                    down.get_or_init(|| {
                        format!("{n_answers} answers to {} entries", entries.len())
                    });
                }
                Err(error) => {
                    down.get_or_init(|| error);
                }
            }
        })
        .await;
    down.into_inner()
}

impl From<Result<(), String>> for Verdict {
    fn from(verdict: Result<(), String>) -> Self {
        match verdict {
            Ok(()) => Self::Taken,
            Err(error) => Self::Refused(error),
        }
    }
}
