//! What is told every few minutes: sizes, tables, and whether what lies on the disk is right.

use tokio_postgres::Error;

use super::answers::Answers;
use super::checks::Checked;
use super::probe::Postgres;
use super::session::Session;
use super::trouble::quoted;
use super::{amcheck, checks, tables, trouble};
use crate::plan::facts::{Value, Verdict};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;

/// How many damaged pages were read since the counters were set to zero.
const CHECKSUMS: &str = "SELECT sum(checksum_failures) AS failures FROM pg_stat_database";

/// What came of a question that may be refused by itself.
pub type Asked = Result<Answers, String>;

/// Everything that is told rarely. One question that takes too long spoils no other.
pub async fn told(probe: &mut Postgres, session: &Session) -> Result<Told, Error> {
    let mut told = Told::default();
    tables::told(session, &mut told).await?;
    let checksums = ask(session, CHECKSUMS).await?.ok();
    let failures = checksums.as_ref().and_then(|answers| answers.first()?.count("failures"));
    amcheck::look(&mut probe.looked_at, session).await?;
    amcheck::told(&probe.looked_at, &mut told);
    let checked = checks::run(&probe.wanted.checks, session).await?;
    checked.told(&mut told);
    let looked = Looked {
        checksums: failures.filter(|_| session.rights.checksums),
        damaged: probe.looked_at.damaged(),
        checked: &checked,
    };
    looked.told(&mut told);
    Ok(told)
}

/// Asks, and takes a refusal for an answer; only a connection that breaks is an error.
pub async fn ask(session: &Session, question: &str) -> Result<Asked, Error> {
    match session.ask(question).await {
        Ok(answers) => Ok(Ok(answers)),
        Err(error) if trouble::is_dead(&error) => Err(error),
        Err(error) => {
            session.rollback().await?;
            Ok(Err(why_not(&error, session)))
        }
    }
}

/// Why a question was refused, for people.
pub fn why_not(error: &Error, session: &Session) -> String {
    match error.as_db_error() {
        Some(said) if said.code().code() == "57014" => {
            format!("it took longer than {}", crate::text::Span::from(session.patience).brief())
        }
        Some(said) => quoted(said.message()),
        None => error.to_string(),
    }
}

/// All that can tell whether the data are whole.
struct Looked<'a> {
    checksums: Option<u64>,
    damaged: Option<u64>,
    checked: &'a Checked,
}

impl Looked<'_> {
    fn told(&self, told: &mut Told) {
        let failed = self.checksums.is_some_and(|count| count > 0)
            || self.damaged.is_some_and(|count| count > 0)
            || self.checked.found_something();
        let looked = self.checksums.is_some() || self.damaged.is_some() || self.checked.looked();
        if failed {
            told.facts.set("integrity", Value::word("failed"));
            let sentence = "its data are not whole";
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "integrity", sentence));
        } else if looked {
            told.facts.set("integrity", Value::word("passed"));
        } else {
            told.facts.hide("integrity", "nothing here can tell: no checksums, no amcheck, no checks in the plan");
        }
    }
}
