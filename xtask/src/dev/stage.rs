//! Where the people are: real connections that open and close.

use std::time::Duration;

use anyhow::{Context as _, Result};
use harness::{Centrifugo, Visit, Visitor};
use tokio::time::timeout;

use super::cast::Person;

/// How long a connection may take; the roll call has to go on.
const BOUND: Duration = Duration::from_secs(3);

/// The people, and the connections of those who are there.
pub(crate) struct Stage {
    channel: String,
    people: Vec<(Person, Vec<Visitor>)>,
    roll_call: usize,
}

impl Stage {
    pub(crate) fn new(channel: &str, site_url: &str, n_people: usize) -> Self {
        let people = (0..n_people).map(|index| (Person::new(index, site_url), Vec::new()));
        Self { channel: channel.to_owned(), people: people.collect(), roll_call: 0 }
    }

    /// Lets everybody come or go as their rhythm says.
    ///
    /// # Errors
    /// Somebody cannot connect; it is tried again at the next roll call.
    pub(crate) async fn next(&mut self, centrifugo: &Centrifugo) -> Result<()> {
        self.roll_call += 1;
        for (person, tabs) in &mut self.people {
            if person.is_there(self.roll_call) {
                while tabs.len() < person.n_tabs {
                    let visit = Visit {
                        user: person.user.as_deref(),
                        info: person.info.clone(),
                        channels: &[&self.channel],
                    };
                    let visitor = timeout(BOUND, Visitor::connect(centrifugo, visit))
                        .await
                        .ok()
                        .context("visitors cannot connect: Centrifugo does not answer")?;
                    tabs.push(visitor.context("visitors cannot connect")?);
                }
            } else {
                // As a closed tab: nobody waits for an answer.
                tabs.clear();
            }
        }
        Ok(())
    }
}
