//! An operation in few words, the same on every screen and on the command line.

use super::{About, Doing, Operation, Seen, Standing};
use crate::plan::types::Method;
use crate::protect::due::Ending;
use crate::text::{Size, Span};

impl About {
    /// `backup of postgres by dump`, `verification of everything new`.
    pub fn title(&self) -> String {
        let of = |everything: &str| if self.of.is_empty() { everything.to_owned() } else { self.of.clone() };
        let to = |word: &str| {
            if self.stores.is_empty() { String::new() } else { format!(" {word} {}", self.stores.join(", ")) }
        };
        match self.doing {
            Doing::Backup => {
                let by = self.method.map_or_else(String::new, |method| format!(" by {}", Method::word(method)));
                format!("backup of {}{by}", self.of)
            }
            Doing::Verify => format!("verification of {}", of("what is new")),
            Doing::Upload => format!("upload{}", to("to")),
            Doing::Expire => format!("expiry{}", to("in")),
            Doing::Hold => "hold on every store".to_owned(),
            Doing::Release => "end of the hold".to_owned(),
            Doing::Other => format!("work on {}", of("the stores")),
        }
    }
}

impl Operation {
    /// Who does it: `root`, or the number of a user without a name.
    pub fn actor(&self) -> String {
        if self.by.actor.name.is_empty() { format!("uid {}", self.by.actor.uid) } else { self.by.actor.name.clone() }
    }

    /// `backup of postgres by dump, by root`.
    pub fn by_whom(&self) -> String {
        format!("{}, by {}", self.about.title(), self.actor())
    }

    /// The share of its bytes that went by; nothing where it is not known how many there are.
    pub fn share(&self) -> Option<f64> {
        let expected = self.expected.filter(|expected| *expected > 0 && *expected >= self.bytes)?;
        #[expect(clippy::cast_precision_loss, reason = "a gauge has a few places")]
        Some(self.bytes as f64 / expected as f64)
    }

    /// `12.0MB of about 100MB`; of a size that is not known so.
    pub fn bytes_told(&self) -> String {
        let bytes = Size(self.bytes).approx();
        let about = if self.about.doing == Doing::Backup { "about " } else { "" };
        match self.expected {
            Some(expected) if expected >= self.bytes => format!("{bytes} of {about}{}", Size(expected).approx()),
            Some(expected) => format!("{bytes}, more than the usual {}", Size(expected).approx()),
            None if self.bytes == 0 => String::new(),
            None => format!("{bytes} of unknown size"),
        }
    }

    /// `3.00MB/s`, once that is known.
    pub fn rate_told(&self) -> String {
        self.rate.map_or_else(String::new, |rate| format!("{}/s", Size(rate).approx()))
    }

    /// How long it will take, where that can be told.
    pub fn left(&self) -> Option<Span> {
        let left = self.expected?.checked_sub(self.bytes)?;
        let rate = self.rate.filter(|rate| *rate > 0)?;
        Some(Span::from_secs(left.div_ceil(rate)))
    }

    /// `12.0MB of about 100MB, 3.00MB/s, about 30s left`, as far as it is known.
    pub fn progress_told(&self) -> String {
        let left = self.left().map_or_else(String::new, |left| format!("about {} left", left.brief()));
        let parts = [self.bytes_told(), self.rate_told(), left];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

impl Seen {
    /// The word for how it stands.
    pub fn word(&self) -> &'static str {
        match &self.standing {
            Standing::Running => "running",
            Standing::Silent => "silent",
            Standing::Ended(ended) => match ended.ending {
                Ending::Done | Ending::NothingToDo => "done",
                Ending::Interrupted => "called off",
                Ending::Failed | Ending::Skipped | Ending::Unknown => "failed",
            },
        }
    }

    /// How it ended and what to do about it, in a sentence or two; nothing while it is under way.
    pub fn end_told(&self) -> Option<String> {
        match &self.standing {
            Standing::Running => None,
            Standing::Silent => {
                let next = match self.operation.about.doing {
                    Doing::Backup | Doing::Upload => {
                        "What it began is no recovery point, and the next one clears it away."
                    }
                    _ => "What it had done until then is done.",
                };
                Some(format!("Its process ended without a word, as if it was killed. {next}"))
            }
            Standing::Ended(ended)
                if ended.ending == Ending::Interrupted && self.operation.about.doing == Doing::Backup =>
            {
                Some("Nothing half-made was left.".to_owned())
            }
            Standing::Ended(ended) => {
                let told = ended.told.trim_end_matches('.');
                Some(ended.next.as_ref().map_or_else(|| told.to_owned(), |next| format!("{told}. {next}")))
            }
        }
    }
}
