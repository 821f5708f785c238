//! The probe of a database: one login, kept open between the questions of every interval.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use tokio_postgres::Error;

use super::answers::Answers;
use super::login::Address;
use super::past::Past;
use super::session::Session;
use super::trouble::{self, Failure};
use super::wanted::Wanted;
use super::{amcheck, questions, rare, sessions, vital};
use crate::plan::facts::Value;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::trouble::ContactError;

/// How long a question may take that is asked rarely.
const RARE_PATIENCE: Duration = Duration::from_secs(10);

/// The probe of a database.
pub fn probe(subject: Subject<'_>) -> Box<dyn Probe> {
    Box::new(Postgres {
        component: subject.component.clone(),
        wanted: Wanted::of(subject),
        address: None,
        session: None,
        past: Past::default(),
        looked_at: amcheck::LookedAt::default(),
    })
}

/// A database, and what is remembered of it.
pub struct Postgres {
    /// What is asked.
    pub component: Component,
    /// What the plan says it should be.
    pub wanted: Wanted,
    address: Option<Address>,
    session: Option<Session>,
    /// What earlier questions brought.
    pub past: Past,
    /// What of its indexes and tables was looked at.
    pub looked_at: amcheck::LookedAt,
}

impl Probe for Postgres {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            let answer = match depth {
                Depth::Vital => self.ask_vital(with).await,
                Depth::Rare => self.ask_rare(with).await,
            };
            match answer {
                Ok(told) => Ok(told),
                Err(Failure::Told(told)) => Ok(*told),
                Err(Failure::Error(error)) => Err(error),
            }
        })
    }
}

impl Postgres {
    /// The login is out of the probe's hands while it is used: if this is dropped half-way, the next question begins
    /// with another one.
    async fn ask_vital(&mut self, with: &Contact<'_>) -> Result<Told, Failure> {
        let kept = self.session.take().filter(|session| !session.is_closed());
        let asked = with.clock.now();
        if let Some(session) = kept {
            match session.ask(&vital::questions(self, &session.rights, with)).await {
                Ok(answers) => return self.tell(session, asked, answers, with).await,
                // What an old connection dies of says nothing about the server of now.
                Err(error) if trouble::is_dead(&error) && !session.allowance.is_spent() => {}
                Err(error) => return self.refused(session, &error, with).await,
            }
        }
        let session = self.open(with).await?;
        let asked = with.clock.now();
        match session.ask(&vital::questions(self, &session.rights, with)).await {
            Ok(answers) => self.tell(session, asked, answers, with).await,
            Err(error) => self.refused(session, &error, with).await,
        }
    }

    async fn tell(
        &mut self,
        session: Session,
        asked: DateTime<Utc>,
        answers: Answers,
        with: &Contact<'_>,
    ) -> Result<Told, Failure> {
        if !answers.row(questions::WHO).is_some_and(vital::is_core) {
            return Err(ContactError::strange(&self.component, vital::NO_CORE).into());
        }
        let mut told = vital::told(self, &session, &answers, asked, with);
        if vital::somebody_waits(&answers) && session.rights.statistics {
            let blocked = session.ask(&questions::blocked(&session.rights)).await;
            let blocked = blocked.map_err(|error| self.failure(&error, &session))?;
            sessions::blocked(&blocked, &mut told);
        }
        self.session = Some(session);
        Ok(told)
    }

    /// A question was refused on a login that works: the server says what of it does not.
    async fn refused(&mut self, session: Session, error: &Error, with: &Contact<'_>) -> Result<Told, Failure> {
        let Some(said) = error.as_db_error().filter(|_| !trouble::is_dead(error)) else {
            return Err(self.failure(error, &session));
        };
        let _ = session.rollback().await;
        let core = session.ask(questions::CORE).await.map_err(|error| self.failure(&error, &session))?;
        if !core.first().is_some_and(vital::is_core) {
            return Err(ContactError::strange(&self.component, vital::NO_CORE).into());
        }
        let mut told = vital::core_only(self, &session, &core, said, with);
        told.facts.set("database", Value::word("present"));
        self.session = Some(session);
        Ok(told)
    }

    async fn ask_rare(&mut self, with: &Contact<'_>) -> Result<Told, Failure> {
        let mut session = self.open(with).await?;
        session.patience = RARE_PATIENCE;
        let told = rare::told(self, &session).await.map_err(|error| self.failure(&error, &session))?;
        // Minutes pass until the next time: no login is kept for so long.
        session.close();
        Ok(told)
    }

    async fn open(&mut self, with: &Contact<'_>) -> Result<Session, Failure> {
        let address = match self.address.take() {
            Some(address) => address,
            None => Address::of(&self.component)?,
        };
        self.address.insert(address).open(&self.component, with).await
    }

    fn failure(&self, error: &Error, session: &Session) -> Failure {
        let database = self.address.as_ref().map_or("", Address::database);
        trouble::asking(&self.component, database, error, session)
    }
}
