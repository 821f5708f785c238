//! What is answered to which request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::Options;
use super::health;
use super::log::Log;
use super::metrics::{Count, Counts};
use crate::lab::world::{Kind, Links, WorldError, flow, in_time};

const LIST_LIMIT: Duration = Duration::from_secs(3);
const LISTED: i64 = 50;

type Answer = Response<Full<Bytes>>;

/// One application of a site.
pub(super) struct App {
    name: String,
    site: String,
    pub(super) links: Links,
    pub(super) log: Arc<Log>,
    counts: Counts,
}

impl App {
    /// The application; nothing is connected yet.
    pub(super) fn new(options: &Options, links: Links, log: Arc<Log>) -> App {
        App { name: options.name.clone(), site: options.site.clone(), links, log, counts: Counts::default() }
    }

    /// Answers one request.
    pub(super) async fn answer<B>(&self, request: Request<B>) -> Answer {
        self.counts.add(Count::Requests);
        let answer = match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/live") => {
                json_answer(StatusCode::OK, &json!({ "site": self.site, "app": self.name }))
            }
            (&Method::GET | &Method::HEAD, "/health") => Box::pin(self.health()).await,
            (&Method::POST, "/golden") => Box::pin(self.golden()).await,
            (&Method::GET, "/runs") => self.runs().await,
            (&Method::GET, "/metrics") => self.metrics(),
            (_, "/live" | "/health" | "/golden" | "/runs" | "/metrics") => {
                json_answer(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": "not with this method" }))
            }
            _ => json_answer(StatusCode::NOT_FOUND, &json!({ "error": "there is no such page" })),
        };
        if answer.status().is_server_error() {
            self.counts.add(Count::Errors);
        }
        answer
    }

    async fn health(&self) -> Answer {
        let health = Box::pin(health::ask(&self.links, &self.site)).await;
        let body = serde_json::to_value(&health).unwrap_or_default();
        if health.postgres.ok && health.redis.ok && health.rabbitmq.ok {
            return json_answer(StatusCode::OK, &body);
        }
        if !health.postgres.ok {
            self.counts.add(Count::DatabaseErrors);
        }
        self.log.error("a server this application needs does not answer", json!({ "health": body }));
        json_answer(StatusCode::SERVICE_UNAVAILABLE, &body)
    }

    async fn golden(&self) -> Answer {
        self.counts.add(Count::Flows);
        match flow(&self.links, &self.site).await {
            Ok(proof) => {
                self.counts.add(if proof.cached { Count::CacheHits } else { Count::CacheMisses });
                self.log.info("the golden flow got to its end", json!({ "run": proof.run, "millis": proof.millis }));
                let mut body = serde_json::to_value(&proof).unwrap_or_default();
                body["site"] = Value::from(self.site.as_str());
                body["app"] = Value::from(self.name.as_str());
                json_answer(StatusCode::OK, &body)
            }
            Err(error) => {
                self.counts.add(Count::FailedFlows);
                self.failure("the golden flow did not get to its end", &error)
            }
        }
    }

    async fn runs(&self) -> Answer {
        match in_time(Kind::Postgres, "list the runs", LIST_LIMIT, self.newest()).await.and_then(|runs| runs) {
            Ok(runs) => json_answer(StatusCode::OK, &json!({ "site": self.site, "runs": runs })),
            Err(error) => self.failure("the runs could not be listed", &error),
        }
    }

    async fn newest(&self) -> Result<Vec<Value>, WorldError> {
        let asked = "SELECT r.label, r.status::text, a.name, r.site, r.tokens, r.created_at::text
                     FROM runs r JOIN agents a ON a.id = r.agent_id ORDER BY r.id DESC LIMIT $1";
        let session = self.links.postgres().await?;
        let rows = session.client.query(asked, &[&LISTED]).await.map_err(WorldError::postgres("list the runs"))?;
        session.keep();
        let run = |row: &tokio_postgres::Row| {
            json!({
                "run": row.get::<_, String>(0), "status": row.get::<_, String>(1), "agent": row.get::<_, String>(2),
                "site": row.get::<_, String>(3), "tokens": row.get::<_, i32>(4), "created": row.get::<_, String>(5),
            })
        };
        Ok(rows.iter().map(run).collect())
    }

    fn failure(&self, message: &str, error: &WorldError) -> Answer {
        if error.kind() == Some(Kind::Postgres) {
            self.counts.add(Count::DatabaseErrors);
        }
        let reason = error.to_string();
        self.log.error(message, json!({ "reason": reason, "at_server": error.kind() }));
        json_answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "site": self.site, "error": message, "reason": reason }))
    }

    fn metrics(&self) -> Answer {
        answer(StatusCode::OK, "text/plain; version=0.0.4", self.counts.text(&self.site, &self.name))
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Answer {
    answer(status, "application/json", format!("{body}\n"))
}

fn answer(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
