//! Taking claims: when absent, when given back, and over from a holder that is gone.

use std::sync::Arc;
use std::time::Duration;

use super::held::Held;
use super::local::LocalClaims;
use super::look::{Looked, Observer, Verdict};
use super::{Claim, ClaimError, ClaimName, ClaimStore, Holder};
use crate::journal::State;
use crate::text::{Clock, Span, SystemClock};

/// How often a claim is renewed, and how long a silence means that its holder is gone where nothing
/// else tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two renewals.
    pub beat: Span,
    /// Several beats: one late renewal is no death.
    pub silence: Span,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { beat: Span::from_secs(5), silence: Span::from_secs(60) }
    }
}

/// Takes claims for this process.
#[derive(Clone)]
pub struct Claims {
    pub(super) store: Arc<dyn ClaimStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) me: Holder,
    pub(super) pace: Pace,
}

impl Claims {
    /// The claims of a state directory, for this process.
    pub fn here(state: &State) -> Result<Claims, ClaimError> {
        let store = Arc::new(LocalClaims::open(state)?);
        Ok(Claims::on(store, Arc::new(SystemClock), Holder::here(""), Pace::default()))
    }

    /// Claims in any store, for any holder.
    pub fn on(store: Arc<dyn ClaimStore>, clock: Arc<dyn Clock>, me: Holder, pace: Pace) -> Claims {
        Claims { store, clock, me, pace }
    }

    /// Takes the claim if nobody holds it; otherwise says who does, and since when.
    pub fn acquire(&self, name: &ClaimName, purpose: &str) -> Result<Held, ClaimError> {
        let looked = self.inspect(name)?;
        match looked.found {
            None => self.make(name, purpose),
            Some((last, tag)) if last.holder.is_none() => self.swap(name, &last, &tag, purpose),
            Some(_) => Err(self.refusal(name)?),
        }
    }

    /// Takes the claim if it still is as it was looked at, and nobody holds it or whoever does is gone. Otherwise what
    /// was learnt by looking, such as that all is done already, may not hold any more.
    pub fn take(&self, looked: Looked, purpose: &str) -> Result<Held, ClaimError> {
        match (looked.found, looked.verdict) {
            (None, _) => self.make(&looked.name, purpose),
            (Some((last, tag)), Verdict::Free | Verdict::Gone { .. }) => self.swap(&looked.name, &last, &tag, purpose),
            (Some(_), _) => Err(self.refusal(&looked.name)?),
        }
    }

    /// Where they are kept.
    pub fn store(&self) -> &dyn ClaimStore {
        &*self.store
    }

    /// How often they are renewed, and how long they are watched.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    fn make(&self, name: &ClaimName, purpose: &str) -> Result<Held, ClaimError> {
        let claim = self.next(None, purpose);
        match self.store.create(name, &claim)? {
            Some(tag) => Held::begin(self, name.clone(), claim, tag),
            None => Err(self.refusal(name)?),
        }
    }

    /// Looks at a claim: who holds it, and whether that holder is gone.
    pub fn inspect(&self, name: &ClaimName) -> Result<Looked, ClaimError> {
        let found = self.store.read(name)?;
        let first_seen = self.clock.since_boot();
        Ok(self.judged(name.clone(), found, first_seen))
    }

    /// Looks again. As long as the claim is not renewed, the watching counts from the first look.
    pub fn look_again(&self, before: Looked) -> Result<Looked, ClaimError> {
        let now = self.inspect(&before.name)?;
        let tag = |looked: &Looked| looked.found.as_ref().map(|(_, tag)| tag.clone());
        if tag(&now) == tag(&before) {
            return Ok(self.judged(before.name, now.found, before.first_seen));
        }
        let generation =
            |looked: &Looked| looked.claim().filter(|claim| claim.holder.is_some()).map(|it| it.generation);
        let renewed = generation(&now).is_some() && generation(&now) == generation(&before);
        Ok(Looked { renewed, ..now })
    }

    /// Takes the claim over from a holder that looking has found gone. One of several who try gets it.
    pub fn take_over(&self, looked: Looked, purpose: &str) -> Result<Held, ClaimError> {
        let Looked { name, found, verdict, .. } = looked;
        match (found, verdict) {
            (Some((last, tag)), Verdict::Gone { .. }) => self.swap(&name, &last, &tag, purpose),
            (Some((Claim { holder: Some(holder), since, .. }, _)), Verdict::Kept { why } | Verdict::Silent { why }) => {
                Err(ClaimError::Held { name, holder: Box::new(holder), since, state: why })
            }
            (Some((Claim { holder: Some(holder), since, .. }, _)), Verdict::Watching { left }) => {
                let state = format!("it has to be watched for {left} more");
                Err(ClaimError::Held { name, holder: Box::new(holder), since, state })
            }
            _ => self.acquire(&name, purpose),
        }
    }

    /// The same, also from a holder that was stopped or hangs: only for what does no harm when two do it at once. A
    /// holder that wakes finds its claim doubtful until it has learnt of the loss.
    pub fn take_over_from_the_silent(&self, looked: Looked, purpose: &str) -> Result<Held, ClaimError> {
        let verdict = match looked.verdict {
            Verdict::Silent { why } => Verdict::Gone { why },
            other => other,
        };
        self.take_over(Looked { verdict, ..looked }, purpose)
    }

    fn swap(&self, name: &ClaimName, last: &Claim, tag: &super::Tag, purpose: &str) -> Result<Held, ClaimError> {
        let claim = self.next(Some(last), purpose);
        match self.store.replace(name, tag, &claim)? {
            Some(tag) => Held::begin(self, name.clone(), claim, tag),
            None => Err(self.refusal(name)?),
        }
    }

    fn next(&self, last: Option<&Claim>, purpose: &str) -> Claim {
        let now = self.clock.now();
        Claim {
            generation: last.map_or(0, |last| last.generation) + 1,
            holder: Some(Holder { purpose: purpose.to_owned(), ..self.me.clone() }),
            since: now,
            beat: 0,
            renewed: now,
            renewed_boot: millis(self.clock.since_boot()),
            left: None,
        }
    }

    fn judged(&self, name: ClaimName, found: Option<(Claim, super::Tag)>, first_seen: Duration) -> Looked {
        let since_boot = self.clock.since_boot();
        let observer = Observer { me: &self.me, since_boot, first_seen, silence: self.pace.silence.approx() };
        let verdict = observer.verdict(found.as_ref().map(|(claim, _)| claim));
        Looked { name, found, first_seen, verdict, renewed: false }
    }

    fn refusal(&self, name: &ClaimName) -> Result<ClaimError, ClaimError> {
        let looked = self.inspect(name)?;
        let state = match &looked.verdict {
            Verdict::Kept { why } | Verdict::Silent { why } | Verdict::Gone { why } => why.clone(),
            Verdict::Free | Verdict::Watching { .. } => String::new(),
        };
        Ok(match looked.found {
            Some((Claim { holder: Some(holder), since, .. }, _)) => {
                ClaimError::Held { name: name.clone(), holder: Box::new(holder), since, state }
            }
            _ => ClaimError::Changed(name.clone()),
        })
    }
}

pub(super) fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}
