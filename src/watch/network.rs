//! Whether it is our own network that fails: then nothing can be told of anybody.

use chrono::{DateTime, Utc};

use super::Seen;
use super::words::{is_silence, is_unasked};
use crate::plan::facts::{Value, Verdict};
use crate::text::Span;

/// For so long an answer speaks for the network, whoever is silent since.
const FRESH: Span = Span::from_secs(35);

/// The state of the network that we ask through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OwnNetwork {
    /// Nobody was asked yet.
    #[default]
    Untried,
    /// Somebody answered, or refused: packets come and go.
    Proven,
    /// Nobody can be reached, since then: our own network is the suspect.
    Suspect {
        /// Since when.
        since: DateTime<Utc>,
    },
}

impl OwnNetwork {
    /// What the readings of everything that lies beyond this machine say. One that is silent alone proves nothing. An
    /// answer from before the silence refutes it for a moment only: whoever gave it may be silent by now.
    pub fn of<'a>(
        beyond: impl Iterator<Item = &'a Seen> + Clone,
        before: OwnNetwork,
        now: DateTime<Utc>,
    ) -> OwnNetwork {
        let silent = beyond.clone().filter_map(|seen| seen.silent_since);
        let (silences, newest) =
            silent.fold((0_usize, None), |(count, newest), since| (count + 1, newest.max(Some(since))));
        let heard = |seen: &&Seen| seen.silent_since.is_none();
        let answers = beyond.filter(heard).filter_map(|seen| seen.latest.as_ref());
        let mut answers = answers.filter(|latest| !is_unasked(latest.fact("connection"))).map(|latest| latest.answered);
        let refutes = |at: DateTime<Utc>| newest.is_none_or(|newest| at >= newest || Span::between(at, now) <= FRESH);
        match (silences, answers.any(refutes), before) {
            (_, true, _) => OwnNetwork::Proven,
            (0 | 1, false, _) => OwnNetwork::Untried,
            (_, false, OwnNetwork::Suspect { since }) => OwnNetwork::Suspect { since },
            (_, false, _) => OwnNetwork::Suspect { since: now },
        }
    }

    /// Whether another's silence can be held against it.
    pub fn is_proven(self) -> bool {
        self == OwnNetwork::Proven
    }
}

/// Whether packets came back: an answer, a refusal, a login that failed.
pub(super) fn is_contact(verdict: Verdict, connection: Option<&Value>) -> bool {
    verdict != Verdict::Unknown || !is_silence(connection)
}
