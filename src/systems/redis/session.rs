//! A connection that is kept open between questions, and several questions asked at once.

use chrono::{DateTime, Utc};
use redis::aio::MultiplexedConnection;
use redis::{Pipeline, RedisError, RedisResult, Value, from_redis_value};
use tokio_util::task::AbortOnDropHandle;

use crate::systems::wire::Allowance;

/// A connection. What runs for it in the background ends with it.
pub struct Session {
    connection: MultiplexedConnection,
    _driver: AbortOnDropHandle<()>,
    /// How much an answer may weigh.
    pub allowance: Allowance,
    /// How it is encrypted: `verified`, `unverified`, `none`.
    pub encryption: &'static str,
    /// It is a node of a cluster, as the last answer showed.
    pub cluster: bool,
    /// Nothing has been asked yet.
    pub fresh: bool,
}

/// Questions that are sent together; one that is refused spoils no other.
pub struct Questions(Pipeline);

/// What came back, one answer for each question.
pub struct Answers(Vec<RedisResult<Value>>);

impl Questions {
    /// None yet.
    pub fn new() -> Questions {
        let mut pipeline = Pipeline::new();
        pipeline.ignore_errors();
        Questions(pipeline)
    }

    /// And this one.
    #[must_use]
    pub fn ask(mut self, words: &[&str]) -> Questions {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word);
        }
        self.0.add_command(command);
        self
    }
}

impl Session {
    /// A connection that is open.
    pub fn new(
        connection: MultiplexedConnection,
        driver: AbortOnDropHandle<()>,
        allowance: Allowance,
        encryption: &'static str,
    ) -> Session {
        Session { connection, _driver: driver, allowance, encryption, cluster: false, fresh: true }
    }

    /// Asks several questions in one round trip.
    pub async fn ask(&mut self, questions: &Questions) -> RedisResult<Answers> {
        self.allowance.refill();
        let answers = questions.0.query_async(&mut self.connection).await.map(Answers);
        self.fresh = false;
        answers
    }
}

/// Whether the login lacks the right to ask that, by the code of the answer.
pub fn is_forbidden(error: &RedisError) -> bool {
    error.code() == Some("NOPERM")
}

impl Answers {
    /// The answer to a question, or why there is none.
    pub fn value(&self, question: usize) -> Result<&Value, &RedisError> {
        match self.0.get(question) {
            Some(answer) => answer.as_ref(),
            None => Ok(&Value::Nil),
        }
    }

    /// The answer as text.
    pub fn text(&self, question: usize) -> Result<String, &RedisError> {
        let value = self.value(question)?;
        Ok(match value {
            Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => from_redis_value(other.clone()).unwrap_or_default(),
        })
    }

    /// The answer as a list of texts; of names and values, one after the other.
    pub fn words(&self, question: usize) -> Vec<String> {
        let mut words = Vec::new();
        if let Ok(value) = self.value(question) {
            flatten(value, &mut words);
        }
        words
    }

    /// The answer to `TIME`.
    pub fn time(&self, question: usize) -> Option<DateTime<Utc>> {
        let words = self.words(question);
        let micros: u32 = words.get(1)?.parse().ok()?;
        DateTime::from_timestamp(words.first()?.parse().ok()?, micros.checked_mul(1_000)?)
    }
}

fn flatten(value: &Value, words: &mut Vec<String>) {
    match value {
        Value::Array(values) | Value::Set(values) => values.iter().for_each(|value| flatten(value, words)),
        Value::Map(pairs) => {
            for (name, value) in pairs {
                flatten(name, words);
                flatten(value, words);
            }
        }
        Value::BulkString(bytes) => words.push(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => words.push(number.to_string()),
        other => words.push(from_redis_value(other.clone()).unwrap_or_default()),
    }
}
