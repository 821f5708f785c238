//! The probe of a server: one connection, kept open between the questions of every interval.

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::info::Info;
use super::login::Address;
use super::past::Past;
use super::session::{Answers, Questions, Session, is_forbidden};
use super::trouble::{self, Failure};
use super::wanted::Wanted;
use super::{cluster, sentinel, vital};
use crate::plan::facts::Value;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::trouble::ContactError;

/// The facts that only `INFO` tells, with which everybody counts.
const HIDDEN: [&str; 5] = ["keys", "memory", "replicas", "persistence", "rejected_writes"];

/// The probe of a server.
pub fn probe(subject: Subject<'_>) -> Box<dyn Probe> {
    Box::new(Redis {
        component: subject.component.clone(),
        wanted: Wanted::of(subject),
        address: None,
        session: None,
        past: Past::default(),
    })
}

struct Redis {
    component: Component,
    wanted: Wanted,
    address: Option<Address>,
    session: Option<Session>,
    past: Past,
}

impl Probe for Redis {
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

impl Redis {
    /// The connection is out of the probe's hands while it is used: if this is dropped half-way, the next question
    /// begins with another one.
    async fn ask_vital(&mut self, with: &Contact<'_>) -> Result<Told, Failure> {
        let asked = with.clock.now();
        if let Some(mut session) = self.session.take() {
            match session.ask(&vital::questions(&session)).await {
                Ok(answers) => return self.tell(session, answers, asked, with).await,
                // What an old connection dies of says nothing about the server of now.
                Err(error) if trouble::is_dead(&error) && !session.allowance.is_spent() => {}
                Err(error) => return Err(trouble::asking(&self.component, &error, &session)),
            }
        }
        let mut session = self.open(with).await?;
        let asked = with.clock.now();
        match session.ask(&vital::questions(&session)).await {
            Ok(answers) => self.tell(session, answers, asked, with).await,
            Err(error) => Err(trouble::asking(&self.component, &error, &session)),
        }
    }

    async fn tell(
        &mut self,
        mut session: Session,
        answers: Answers,
        asked: DateTime<Utc>,
        with: &Contact<'_>,
    ) -> Result<Told, Failure> {
        let said = match answers.text(vital::INFO) {
            Ok(said) => said,
            Err(error) if trouble::is_forbidden(error) => return self.tell_without_info(session).await,
            Err(error) => return Err(trouble::asking(&self.component, error, &session)),
        };
        let info = Info::of(&said);
        if vital::role(&info).is_none() {
            return Err(ContactError::strange(&self.component, "INFO tells no role").into());
        }
        let mut told = vital::told(&info, &answers, &session, (&mut self.past, &self.wanted), asked, with);
        session.cluster = info.is("cluster_enabled", "1");
        if vital::role(&info) == Some("sentinel") {
            let names = sentinel::watched(&info);
            let quorum = session.ask(&sentinel::questions(&names)).await;
            let quorum = quorum.map_err(|error| trouble::asking(&self.component, &error, &session))?;
            sentinel::told(&info, &names, &quorum, &mut told);
        } else if session.cluster && told.facts.get("cluster").is_none() {
            self.first_of_cluster(&mut session, &mut told).await?;
        }
        self.session = Some(session);
        Ok(told)
    }

    /// The first answer shows that it is a node of a cluster; from then on that is asked with the others.
    async fn first_of_cluster(&self, session: &mut Session, told: &mut Told) -> Result<(), Failure> {
        let answers = session.ask(&Questions::new().ask(&["CLUSTER", "INFO"])).await;
        let answers = answers.map_err(|error| trouble::asking(&self.component, &error, session))?;
        match answers.text(0) {
            Ok(said) => cluster::told(&Info::of(&said), told),
            Err(error) if is_forbidden(error) => {
                told.facts.deny("cluster", "this login may not ask for it (CLUSTER INFO)");
            }
            Err(_) => told.facts.hide("cluster", "it does not tell of it (CLUSTER INFO)"),
        }
        Ok(())
    }

    /// Who may not ask for anything still learns who it is: everybody may say hello.
    async fn tell_without_info(&mut self, mut session: Session) -> Result<Told, Failure> {
        let answers = session.ask(&Questions::new().ask(&["HELLO"])).await;
        let answers = answers.map_err(|error| trouble::asking(&self.component, &error, &session))?;
        if let Err(error) = answers.value(0) {
            return Err(trouble::asking(&self.component, error, &session));
        }
        let words = answers.words(0);
        let value = |name: &str| words.iter().position(|word| word == name).and_then(|index| words.get(index + 1));
        let mut told = Told::default();
        let role = match value("role").map(String::as_str) {
            Some("master") => Some("primary"),
            Some("replica" | "slave") => Some("replica"),
            Some("sentinel") => Some("sentinel"),
            _ => None,
        };
        told.facts.set("encryption", Value::word(session.encryption));
        told.facts.set_some("role", role.map(Value::word));
        if let Some(version) = value("version") {
            told.identity = format!("Redis {version}, {}", role.unwrap_or("role unknown"));
            told.facts.set_text("version", version);
        }
        if let Some(mode) = value("mode") {
            told.facts.set_text("mode", mode);
        }
        for fact in HIDDEN {
            told.facts.deny(fact, "this login may not use INFO");
        }
        self.session = Some(session);
        Ok(told)
    }

    async fn ask_rare(&mut self, with: &Contact<'_>) -> Result<Told, Failure> {
        let mut session = self.open(with).await?;
        let questions = Questions::new().ask(&["INFO", "keyspace"]).ask(&["CLUSTER", "NODES"]);
        let answers = session.ask(&questions).await;
        let answers = answers.map_err(|error| trouble::asking(&self.component, &error, &session))?;
        let mut told = Told::default();
        cluster::nodes(&answers, 1, &mut told);
        let said = answers.text(0).unwrap_or_default();
        let info = Info::of(&said);
        let databases = info.named_items("db");
        if !databases.is_empty() {
            let rows = databases.iter().map(|(name, database)| {
                vec![name.clone(), database.word("keys").to_owned(), database.word("expires").to_owned()]
            });
            told.facts.list("Databases", &["database", "keys", "of them with an end"], rows.collect());
        }
        Ok(told)
    }

    async fn open(&mut self, with: &Contact<'_>) -> Result<Session, Failure> {
        let address = match self.address.take() {
            Some(address) => address,
            None => Address::of(&self.component)?,
        };
        self.address.insert(address).open(&self.component, with).await
    }
}
