//! A login that is kept open between questions.

use std::time::Duration;

use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row as TypedRow};
use tokio_util::task::AbortOnDropHandle;

use super::answers::Answers;
use super::rights::Rights;
use crate::systems::wire::Allowance;

/// How long a question waits for a lock of somebody else.
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);

/// A login. What runs for it in the background ends with it.
pub struct Session {
    client: Client,
    driver: AbortOnDropHandle<()>,
    /// How much an answer may weigh.
    pub allowance: Allowance,
    /// What it may ask.
    pub rights: Rights,
    /// How it is encrypted: `verified`, `unverified`, `none`.
    pub encryption: &'static str,
    /// From which of our ports it comes; none over a socket in the file system.
    pub port: Option<u16>,
    /// The process that served it when it came in.
    pub backend: Option<u64>,
    /// How long a statement may take.
    pub patience: Duration,
    /// Where it answered: the host, or the folder of its socket, and the port.
    pub server: Option<(String, u16)>,
}

impl Session {
    /// A login that is open, before it is known what it may ask.
    pub fn new(client: Client, driver: AbortOnDropHandle<()>, allowance: Allowance, patience: Duration) -> Session {
        let rights = Rights::default();
        let encryption = "none";
        Session { client, driver, allowance, rights, encryption, port: None, backend: None, patience, server: None }
    }

    /// Asks several questions at once, in a transaction that can write nothing and leaves nothing behind: through a
    /// pooler, the next one may be answered by another process.
    pub async fn ask(&self, questions: &str) -> Result<Answers, Error> {
        self.allowance.refill();
        let begin = begin(self.patience);
        // Nobody's own function or operator is called in place of the server's.
        let path = "SET LOCAL search_path = pg_catalog";
        self.client.simple_query(&format!("{begin}; {path}; {questions}; COMMIT")).await.map(Answers::of)
    }

    /// Asks as part of a transaction that somebody else has begun.
    pub async fn simple(&self, questions: &str) -> Result<Answers, Error> {
        self.allowance.refill();
        self.client.simple_query(questions).await.map(Answers::of)
    }

    /// Asks one question that the plan or the server itself has written: it can be no more than one statement.
    pub async fn ask_one(
        &self,
        question: &str,
        with: &[(&(dyn ToSql + Sync), Type)],
        patience: Duration,
    ) -> Result<Vec<TypedRow>, Error> {
        self.allowance.refill();
        self.client.batch_execute(&begin(patience)).await?;
        let answer = self.client.query_typed(question, with).await;
        if !self.client.is_closed() {
            self.client.batch_execute("ROLLBACK").await?;
        }
        answer
    }

    /// Ends a transaction that an error has stopped.
    pub async fn rollback(&self) -> Result<(), Error> {
        self.client.batch_execute("ROLLBACK").await
    }

    /// Whether the other end is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Says goodbye, so that the server need not find out by itself.
    pub fn close(self) {
        drop(self.client);
        self.driver.detach();
    }
}

fn begin(patience: Duration) -> String {
    format!(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; SET LOCAL jit = off",
        patience.as_millis().max(1),
        LOCK_TIMEOUT.as_millis(),
    )
}
