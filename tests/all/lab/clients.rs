//! Clients of a lab's servers, as its users have them: over the network, with a password.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tokio_postgres::NoTls;

use super::test_lab::TestLab;

const PATIENCE: Duration = Duration::from_secs(10);

impl TestLab {
    pub fn address(&self, server: &str) -> SocketAddr {
        let status = self.status();
        status.servers.iter().find(|one| one.server == server).unwrap().address.parse().unwrap()
    }

    pub fn secret(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder().join("secrets").join(name)).unwrap()
    }

    /// The port of a further door of a server, as `primary/rabbitmq/management`.
    pub fn door(&self, name: &str) -> u16 {
        let record: Value = serde_json::from_slice(&std::fs::read(self.folder().join("lab.json")).unwrap()).unwrap();
        u16::try_from(record["network"]["ports"][name].as_u64().unwrap()).unwrap()
    }

    /// A session of the database, or why there is none.
    pub async fn sql(&self, site: &str, user: &str) -> Result<tokio_postgres::Client, String> {
        let address = self.address(&format!("{site}/postgres"));
        let secret = if user == "postgres" { "postgres-superuser".to_owned() } else { format!("postgres-{user}") };
        let mut config = tokio_postgres::Config::new();
        config.host(address.ip().to_string()).port(address.port()).user(user).password(self.secret(&secret));
        config.dbname("agent_orchestrator").connect_timeout(PATIENCE);
        let connected = tokio::time::timeout(PATIENCE, config.connect(NoTls)).await.map_err(|_| "no answer")?;
        let (client, connection) = connected.map_err(|error| said(&error))?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// The one value that a question has as its answer, as text.
    pub async fn ask(&self, site: &str, question: &str) -> Result<String, String> {
        let client = self.sql(site, "postgres").await?;
        let rows = client.simple_query(question).await.map_err(|error| said(&error))?;
        let value = rows.iter().find_map(|row| match row {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(value.unwrap_or_default())
    }

    pub async fn count(&self, site: &str, question: &str) -> i64 {
        self.ask(site, question).await.unwrap().parse().unwrap()
    }

    /// A connection to Redis, or why there is none.
    pub async fn redis(&self, site: &str, user: &str) -> Result<redis::aio::MultiplexedConnection, String> {
        self.redis_at(&format!("{site}/redis"), user).await
    }

    /// A connection to a node of Redis, or to a Sentinel.
    pub async fn redis_at(&self, server: &str, user: &str) -> Result<redis::aio::MultiplexedConnection, String> {
        let address = self.address(server);
        let secret = if user == "default" { "redis" } else { "redis-app" };
        let url = format!("redis://{user}:{}@{address}", self.secret(secret));
        let client = redis::Client::open(url).unwrap();
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connected = client.get_multiplexed_async_connection_with_config(&config).await;
        connected.map_err(|error| error.to_string())
    }

    pub async fn redis_do(&self, command: &[&str]) -> Result<redis::Value, String> {
        let mut connection = self.redis("primary", "default").await?;
        let mut asked = redis::cmd(command[0]);
        asked.arg(&command[1..]);
        asked.query_async(&mut connection).await.map_err(|error: redis::RedisError| error.to_string())
    }

    /// What the broker's management says, or the status it refuses with.
    pub async fn broker(
        &self,
        user: &str,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, u16> {
        self.broker_at("primary/rabbitmq", user, method, path, body).await
    }

    /// The same of a node of the cluster.
    pub async fn broker_at(
        &self,
        server: &str,
        user: &str,
        method: reqwest::Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, u16> {
        let port = self.door(&format!("{server}/management"));
        let url = format!("http://{}:{port}/api/{path}", self.address(server).ip());
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let mut asked = client.request(method, url).basic_auth(user, Some(self.secret(&format!("rabbitmq-{user}"))));
        if let Some(body) = body {
            asked = asked.json(&body);
        }
        let answer = asked.send().await.map_err(|_| 0_u16)?;
        let status = answer.status();
        if status.is_success() { Ok(answer.json().await.unwrap_or_default()) } else { Err(status.as_u16()) }
    }

    /// What a server of the lab answers over HTTP.
    pub async fn http_json(&self, server: &str, path: &str) -> Value {
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let url = format!("http://{}{path}", self.address(server));
        client.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// Whether an alert of that name about an application fires in Prometheus, and has got to the Alertmanager.
    pub async fn alerts(&self, name: &str, app: &str) -> (bool, bool) {
        let is_it = |labels: &Value| labels["alertname"] == name && labels["app"] == app && labels["site"] == "primary";
        let told = self.http_json("outside/prometheus", "/api/v1/alerts").await;
        let told = told["data"]["alerts"].as_array().unwrap();
        let heard = self.http_json("outside/alertmanager", "/api/v2/alerts?active=true").await;
        let fires = |alert: &&Value| alert["state"] == "firing" && is_it(&alert["labels"]);
        (told.iter().any(|alert| fires(&alert)), heard.as_array().unwrap().iter().any(|alert| is_it(&alert["labels"])))
    }

    /// The address that a name has, if that name server answers.
    pub fn dig(&self, server: &str, name: &str) -> Option<String> {
        self.record(server, name)?.last().cloned()
    }

    /// For how many seconds an answer of that name server may be kept.
    pub fn kept_for(&self, server: &str, name: &str) -> Option<u32> {
        self.record(server, name)?.get(1)?.parse().ok()
    }

    /// Name, TTL, class, kind and address, as that name server tells them.
    fn record(&self, server: &str, name: &str) -> Option<Vec<String>> {
        let server = self.address(server);
        let output = Command::new("kdig")
            .arg(format!("@{}", server.ip()))
            .args(["-p", &server.port().to_string(), "+noall", "+answer", "+time=1", "+retry=0", name, "A"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_whitespace().map(str::to_owned).collect())
    }
}

pub fn said(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}
