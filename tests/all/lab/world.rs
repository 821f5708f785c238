//! The contents of the lab's servers, the load, and the application on top of them; all on one lab.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use lifeboat::lab::app::Options;
use lifeboat::lab::world::{self, LoadOptions, Login, Servers, postgres, rabbitmq, redis as cache};
use reqwest::Method;

use super::app::{TestApp, ask};
use super::test_lab::{TestLab, until};

/// The servers of the primary site, as the administrator sees them.
struct World {
    lab: TestLab,
    servers: Servers,
    management: Login,
}

impl World {
    async fn new() -> World {
        let lab = TestLab::new();
        Box::pin(lab.up()).await;
        let status = lab.status();
        let server = |name: &str| status.servers.iter().find(|one| one.server == name).unwrap();
        let address = |name: &str| server(name).address.clone();
        let reach = server("primary/rabbitmq").reach.clone().unwrap();
        let management = reach.split("http://").nth(1).unwrap().split('/').next().unwrap();
        let secret = |name: &str| secret(&lab, name);
        let servers = Servers {
            postgres: Login::with_password(
                format!("postgresql://postgres@{}/world", address("primary/postgres")),
                secret("postgres-superuser"),
            ),
            redis: Login::with_password(format!("redis://{}", address("primary/redis")), secret("redis")),
            rabbitmq: Login::with_password(
                format!("amqp://admin@{}/%2f", address("primary/rabbitmq")),
                secret("rabbitmq-admin"),
            ),
        };
        let management = Login::with_password(format!("http://admin@{management}"), secret("rabbitmq-admin"));
        World { lab, servers, management }
    }

    /// The database of that name.
    fn database(&self, name: &str) -> Login {
        let mut login = self.servers.postgres.clone();
        login.url = login.url.replace("/world", &format!("/{name}"));
        login
    }

    fn fault(&self, arguments: &[&str]) {
        let output = self.lab.run(&[&["fault"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn secret(lab: &TestLab, name: &str) -> PathBuf {
    lab.folder().join("secrets").join(name)
}

fn now() -> DateTime<Utc> {
    "2024-11-18T03:00:00Z".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_is_made_and_its_application_works() {
    let world = Box::pin(World::new()).await;
    rows(&world).await;
    keys(&world).await;
    messages(&world).await;
    load(&world).await;
    application(&world).await;
}

async fn rows(world: &World) {
    let any = world.database("postgres").postgres("test").await.unwrap();
    for name in ["world", "again"] {
        any.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        postgres::create_schema(&world.database(name)).await.unwrap();
    }
    let start = Instant::now();
    let counts = postgres::fill(&world.servers.postgres, 1.0, now()).await.unwrap();
    eprintln!("{:?} {counts:?}", start.elapsed());
    assert_eq!((counts["runs"], counts["state"], counts["configuration"]), (12_000, 12_000, 200));
    let all: u64 = counts.values().sum();
    assert!((90_000..150_000).contains(&all), "{counts:?}");
    let again = postgres::fill(&world.database("again"), 1.0, now()).await.unwrap();
    assert_eq!(again, counts);
    let digest = "SELECT md5(string_agg(r::text, '|' ORDER BY id)) FROM runs r";
    let mut digests = Vec::new();
    for name in ["world", "again"] {
        let client = world.database(name).postgres("test").await.unwrap();
        digests.push(client.query_one(digest, &[]).await.unwrap().get::<_, String>(0));
    }
    assert_eq!(digests[0], digests[1], "the same scale and time give the same rows");
    let twice = postgres::fill(&world.servers.postgres, 0.1, now()).await;
    assert!(twice.is_err());
    assert_eq!(postgres::count(&world.servers.postgres).await.unwrap(), counts, "a refused filling leaves nothing");
    rights(world).await;
}

/// What each role may, and what the constraints refuse.
async fn rights(world: &World) {
    let client = world.servers.postgres.postgres("test").await.unwrap();
    let secrets = "SET ROLE readonly; SELECT count(*) FROM configuration WHERE secret";
    let rows = client.simple_query(secrets).await.unwrap();
    let seen = rows.iter().find_map(|row| match row {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    assert_eq!(seen, Some("0"));
    let refused = [
        ("readonly", "DELETE FROM steps"),
        ("readonly", "INSERT INTO audit (action, subject) VALUES ('x', 'x')"),
        ("app", "DELETE FROM audit"),
        ("app", "DROP TABLE state"),
        ("app", "INSERT INTO steps (run_id, number, kind, duration) VALUES (1, 99, 'tool', '1s')"),
        ("app", "INSERT INTO state (run_id, checkpoint) VALUES (999999999, '{}')"),
        ("app", "UPDATE runs SET finished_at = started_at - interval '1s' WHERE id = 1"),
    ];
    for (role, statement) in refused {
        let attempt = client.batch_execute(&format!("RESET ROLE; SET ROLE {role}; {statement}")).await;
        assert!(attempt.is_err(), "{role}: {statement}");
    }
    let changed = "RESET ROLE; SET ROLE app; UPDATE configuration SET value = '{\"a\": 1}' WHERE key = (SELECT min(key) FROM configuration)";
    client.batch_execute(changed).await.unwrap();
    let audit = "SELECT count(*) FROM audit WHERE subject LIKE 'configuration:%' AND action = 'update' AND at > now() - interval '1 min'";
    client.batch_execute("RESET ROLE").await.unwrap();
    assert!(client.query_one(audit, &[]).await.unwrap().get::<_, i64>(0) >= 1);
}

async fn keys(world: &World) {
    let counts = cache::fill(&world.servers.redis, 1.0, now()).await.unwrap();
    assert!(counts["keys"] > 2_200, "{counts:?}");
    assert_eq!((counts["runs:recent"], counts["events:runs"], counts["jobs:retry"]), (4_000, 4_000, 25));
    assert_eq!(cache::fill(&world.servers.redis, 1.0, now()).await.unwrap(), counts, "a second filling replaces");
    let mut connection = world.servers.redis.redis().await.unwrap();
    let key: String = redis::cmd("RANDOMKEY").query_async(&mut connection).await.unwrap();
    assert!(!key.is_empty());
    let info: String = redis::cmd("INFO").arg("keyspace").query_async(&mut connection).await.unwrap();
    assert!(!info.contains("expires=0"), "{info}");
}

async fn messages(world: &World) {
    let user = rabbitmq::User {
        name: "looker".to_owned(),
        password_file: secret(&world.lab, "rabbitmq-app"),
        tags: vec!["monitoring".to_owned()],
        writes: false,
    };
    rabbitmq::configure(&world.management, &[user]).await.unwrap();
    let counts = rabbitmq::fill(&world.servers.rabbitmq, 1.0).await.unwrap();
    eprintln!("{counts:?}");
    assert_eq!((counts["tasks.high"], counts["tasks.default"], counts["progress"]), (50, 100, 150));
    assert_eq!((counts["notifications"], counts["audit.export"]), (300, 300));
    assert_eq!(counts["tasks.dead"], 12);
    let mut looker = world.servers.rabbitmq.clone();
    looker.url = looker.url.replace("admin@", "looker@");
    looker.password_file = Some(secret(&world.lab, "rabbitmq-app"));
    assert!(looker.rabbitmq("test").await.is_ok());
    assert!(rabbitmq::fill(&looker, 1.0).await.is_err(), "who may only look does not write");
}

async fn load(world: &World) {
    let options = LoadOptions { servers: world.servers.clone(), site: "primary".to_owned(), per_second: 20.0 };
    let before = postgres::count(&world.servers.postgres).await.unwrap();
    let done = world::load(options, |_| {}, tokio::time::sleep(Duration::from_secs(3))).await;
    eprintln!("{done:?}");
    assert_eq!(done.failed, 0);
    assert!((15..=61).contains(&done.done), "{done:?}");
    let after = postgres::count(&world.servers.postgres).await.unwrap();
    assert_eq!(after["runs"] - before["runs"], done.done);
    assert_eq!(after["steps"] - before["steps"], 4 * done.done);
}

async fn application(world: &World) {
    let options = Options {
        name: "app".to_owned(),
        site: "primary".to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        servers: world.servers.clone(),
        log: world.lab.base().join("app.log"),
        tls: None,
    };
    let mut app = TestApp::start(&options).await;
    let client = reqwest::Client::new();
    let health = async || ask(&client, Method::GET, format!("{}/health", app.url)).await;
    let golden = async || ask(&client, Method::POST, format!("{}/golden", app.url)).await;
    let (status, told) = health().await;
    assert_eq!((status, &told["postgres"]["read_only"]), (200, &false.into()), "{told}");
    let (status, proof) = golden().await;
    assert_eq!(status, 200, "{proof}");
    assert_eq!(proof["stages"].as_array().unwrap().len(), 4);
    assert_eq!(proof["cached"], true, "the cache was filled with the settings of every agent");
    eprintln!("{proof}");
    let (_, listed) = ask(&client, Method::GET, format!("{}/runs", app.url)).await;
    assert_eq!(listed["runs"][0]["run"], proof["run"]);
    assert_eq!(listed["runs"][0]["status"], "completed");

    cache_misses(world, &app.url, &client).await;
    let postgres = world.servers.postgres.postgres("test").await.unwrap();
    let sessions =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'agent-app primary'";
    assert!(postgres.query_one(sessions, &[]).await.unwrap().get::<_, i64>(0) >= 1);
    until("the flow works on new sessions", async || golden().await.0 == 200).await;

    frozen_servers_are_noticed(world, &client, &app.url).await;
    world.fault(&["kill", "primary/redis"]);
    until("the dead server is noticed", async || health().await.0 == 503).await;
    assert_eq!(golden().await.0, 503);
    world.fault(&["kill", "--undo"]);
    until("the flow works on the server that came back", async || golden().await.0 == 200).await;
    app.stop().await;
    let log = std::fs::read_to_string(&options.log).unwrap();
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    assert!(log.contains("a server this application needs does not answer"));
}

/// Each server is frozen and thawed; the application notices both.
async fn frozen_servers_are_noticed(world: &World, client: &reqwest::Client, url: &str) {
    let health = async || ask(client, Method::GET, format!("{url}/health")).await;
    let golden = async || ask(client, Method::POST, format!("{url}/golden")).await;
    for (server, name) in
        [("primary/redis", "redis"), ("primary/rabbitmq", "rabbitmq"), ("primary/postgres", "postgres")]
    {
        world.fault(&["freeze", server]);
        let start = Instant::now();
        until("the frozen server is noticed", async || {
            let (status, told) = health().await;
            status == 503 && told[name]["reason"].as_str().is_some_and(|reason| !reason.is_empty())
        })
        .await;
        let noticed = start.elapsed();
        world.fault(&["freeze", server, "--undo"]);
        until("the thawed server is used again", async || health().await.0 == 200).await;
        until("the flow works again", async || golden().await.0 == 200).await;
        eprintln!("{server}: noticed after {noticed:?}, back after {:?}", start.elapsed());
    }
}

/// What is not in the cache any more is got from the database once, and counted.
async fn cache_misses(world: &World, app: &str, client: &reqwest::Client) {
    let mut redis = world.servers.redis.redis().await.unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("cache:agent:*").query_async(&mut redis).await.unwrap();
    let () = redis::cmd("DEL").arg(keys).query_async(&mut redis).await.unwrap();
    let (_, proof) = ask(client, Method::POST, format!("{app}/golden")).await;
    assert_eq!(proof["cached"], false, "{proof}");
    let all: Vec<String> = redis::cmd("KEYS").arg("cache:agent:*").query_async(&mut redis).await.unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    let (_, metrics) = ask(client, Method::GET, format!("{app}/metrics")).await;
    let metrics = metrics.as_str().unwrap();
    for count in ["app_cache_hits_total", "app_cache_misses_total"] {
        assert!(metrics.contains(&format!("{count}{{site=\"primary\",app=\"app\"}} 1\n")), "{metrics}");
    }
}
