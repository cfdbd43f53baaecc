//! Whether the next roll call has to be a first one (nothing is kept, so nothing can have changed), as far as that is certain.

use std::time::Instant;

use crate::monitor::Fact;
use crate::violation::Violation;

/// What the list of channels must say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Baseline {
    /// That no first roll call is through: nothing is kept.
    Due,
    /// That one is.
    Through,
    /// Either: a roll call was cut off by a fault, or went on while all was lost.
    Open,
}

impl Baseline {
    /// After a round; a `calm` one had one roll call, which got at all channels.
    pub(crate) fn after(self, facts: &[(Instant, Fact)], calm: bool) -> Self {
        let loss = facts.iter().rposition(|(_, fact)| *fact == Fact::Lost);
        match loss {
            Some(loss) if loss + 1 == facts.len() => Self::Due,
            Some(_) => Self::Open,
            None if calm || self == Self::Through => Self::Through,
            None => Self::Open,
        }
    }

    /// Compares it with what the product says.
    pub(crate) fn check(self, is_due: bool) -> Option<Violation> {
        let expected = match self {
            Self::Due => true,
            Self::Through => false,
            Self::Open => return None,
        };
        let what = format!("the next roll call is a baseline: {is_due}, and should be: {expected}");
        (expected != is_due).then(|| Violation::of("baseline", what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Kept;

    #[test]
    fn a_loss_makes_one_due_and_a_calm_roll_call_gets_it_through() {
        let lost = (Instant::now(), Fact::Lost);
        let kept = Kept {
            channel: "site:main".to_owned(),
            taken_at: 1,
            counts: String::new(),
            members: String::new(),
        };
        let kept = (Instant::now(), Fact::Kept(kept));
        let due = Baseline::Through.after(&[kept.clone(), lost.clone()], true);
        assert_eq!(due, Baseline::Due);
        assert!(due.check(false).is_some() && due.check(true).is_none());
        assert_eq!(due.after(std::slice::from_ref(&kept), false), Baseline::Open);
        assert_eq!(due.after(std::slice::from_ref(&kept), true), Baseline::Through);
        assert_eq!(Baseline::Through.after(&[lost, kept.clone()], true), Baseline::Open);
        assert!(Baseline::Through.after(&[kept], false).check(true).is_some());
    }
}
