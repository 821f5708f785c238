//! Looking at a claim: whether its holder is gone, and how that is known.
//!
//! A lock that expires by time alone has given several recoveries at once. On the same host and boot a
//! holder counts as gone when its process has provably ended; elsewhere when it has not renewed its
//! claim while *we* watched for long enough by our own clock, because two hosts' clocks do not compare.
//! Another boot of what looks like this host proves nothing: a clone of it has the same chain.

use std::time::Duration;

use super::{Claim, ClaimName, Holder, Tag};
use crate::journal::host::Alive;
use crate::text::Span;

/// What looking found; the only key to taking a claim over.
#[derive(Clone, Debug)]
pub struct Looked {
    pub(super) name: ClaimName,
    pub(super) found: Option<(Claim, Tag)>,
    /// Our time since boot when we first saw this state.
    pub(super) first_seen: Duration,
    pub(super) verdict: Verdict,
    /// It was renewed between an earlier look and this one.
    pub(super) renewed: bool,
}

/// Whether a claim can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody holds it.
    Free,
    /// Its holder is at work, or may be.
    Kept {
        /// How that is known.
        why: String,
    },
    /// Its holder exists, and has not renewed it for long: it was stopped, or hangs.
    Silent {
        /// How that is known.
        why: String,
    },
    /// Its holder is gone: it can be taken over.
    Gone {
        /// How that is known.
        why: String,
    },
    /// Not known yet: look again after this long.
    Watching {
        /// How much longer to watch.
        left: Span,
    },
}

impl Looked {
    /// What was found.
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Whether its holder is at work for certain: it was renewed while it was looked at, the last time too.
    pub fn was_renewed(&self) -> bool {
        self.renewed
    }

    /// The claim as it was seen, if there is one.
    pub fn claim(&self) -> Option<&Claim> {
        self.found.as_ref().map(|(claim, _)| claim)
    }
}

/// Who looks, and when.
pub(super) struct Observer<'a> {
    pub(super) me: &'a Holder,
    pub(super) since_boot: Duration,
    pub(super) first_seen: Duration,
    pub(super) silence: Duration,
}

impl Observer<'_> {
    pub(super) fn verdict(&self, claim: Option<&Claim>) -> Verdict {
        let Some((claim, holder)) = claim.and_then(|claim| Some((claim, claim.holder.as_ref()?))) else {
            return Verdict::Free;
        };
        let here = holder.chain == self.me.chain && holder.boot_id == self.me.boot_id && !holder.boot_id.is_empty();
        if here { self.on_this_host(claim, holder) } else { self.by_watching() }
    }

    fn on_this_host(&self, claim: &Claim, holder: &Holder) -> Verdict {
        let pid = holder.process.pid;
        let silent = self.since_boot.saturating_sub(Duration::from_millis(claim.renewed_boot));
        let quiet = silent >= self.silence;
        match holder.process.alive() {
            Alive::No => Verdict::Gone { why: format!("process {pid} has ended") },
            Alive::Yes if quiet => Verdict::Silent {
                why: format!("process {pid} still exists, but has not renewed it for {}", whole(silent)),
            },
            Alive::Yes => Verdict::Kept { why: format!("process {pid} is at work") },
            // In another container, but on the same clock.
            Alive::Unknowable if quiet => Verdict::Gone { why: format!("it was not renewed for {}", whole(silent)) },
            Alive::Unknowable => Verdict::Kept { why: format!("it was renewed {} ago", whole(silent)) },
        }
    }

    fn by_watching(&self) -> Verdict {
        let watched = self.since_boot.saturating_sub(self.first_seen);
        match self.silence.checked_sub(watched) {
            None | Some(Duration::ZERO) => {
                Verdict::Gone { why: format!("it was not renewed while we watched for {}", whole(watched)) }
            }
            Some(left) => Verdict::Watching { left: left.into() },
        }
    }
}

fn whole(length: Duration) -> Span {
    Span::from_secs(length.as_secs())
}
