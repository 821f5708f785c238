//! What the answers of a service come to.

use lifeboat::plan::facts::Verdict;

use super::server::{Says, Server, page};
use crate::systems::asking::{Asker, shown};

/// A service with health page, status and content as these settings say, and what it says to each path.
async fn ask(settings: &str, says: impl Fn(&str) -> Says + Send + Sync + 'static) -> (Verdict, String) {
    let server = Server::start(says).await;
    let mut asker = Asker::of("app", "http", &server.url(), &format!("http = {{ {settings} }}"));
    let reading = asker.vital().await;
    (reading.verdict, reading.reason().to_owned())
}

#[tokio::test]
async fn a_healthy_service_is_told_with_its_facts() {
    let server = Server::start(|_| page(200, "all is well")).await;
    let settings = "http = { health = '/health', status = 200, contains = 'well' }";
    let mut asker = Asker::of("app", "http", &server.url(), settings);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, reading.identity.as_str()), (Verdict::Healthy, "tiny, status 200"), "{reading:#?}");
    let facts = ["status", "body", "server", "connection"].map(|name| shown(&reading, name));
    assert_eq!(facts, ["200", "as-expected", "tiny", "open"]);
    assert!(reading.fact("latency").is_some());
    assert!(server.asked()[0].starts_with("GET /health HTTP/1.1\r\n"));
    assert!(asker.rare().await.facts.is_empty());
}

#[tokio::test]
async fn its_own_word_that_it_does_not_work_is_down() {
    let answer = ask("health = '/health'", |_| page(503, "{\"postgres\": \"refused\"}")).await;
    let sentence = "it answers with status 503: {\"postgres\": \"refused\"}".to_owned();
    assert_eq!(answer, (Verdict::Down, sentence));
    let answer = ask("health = '/health'", |_| page(404, "")).await;
    assert_eq!(answer, (Verdict::Down, "it does not know /health: status 404".to_owned()));
    let answer = ask("contains = 'ok'", |_| page(200, "under maintenance")).await;
    assert_eq!(answer, (Verdict::Down, "its answer does not contain \"ok\"".to_owned()));
}

#[tokio::test]
async fn what_says_nothing_about_its_health_is_not_down() {
    assert_eq!(ask("status = 200", |_| page(404, "")).await.0, Verdict::Degraded);
    assert_eq!(ask("", |_| page(429, "")).await.0, Verdict::Degraded);
    let answer = ask("", |_| page(401, "")).await;
    assert_eq!(answer, (Verdict::Unknown, "it does not let us in: status 401".to_owned()));
    assert_eq!(ask("status = 401", |_| page(401, "")).await.0, Verdict::Healthy, "the plan expects it");
}

#[tokio::test]
async fn it_is_followed_where_it_sends_us_and_no_further() {
    let to = |path: &str| Says::Page(302, format!("Location: {path}\r\n"), String::new());
    let server = Server::start(move |line| match line {
        "GET / HTTP/1.1" => to("/home"),
        "GET /home HTTP/1.1" => page(200, "home"),
        _ => to("/circle"),
    })
    .await;
    let mut asker = Asker::of("app", "http", &server.url(), "");
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "moved_to")), (Verdict::Healthy, format!("{}/home", server.url())));
    let mut asker = Asker::of("app", "http", &format!("{}/circle", server.url()), "");
    let reading = asker.vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown);
    assert!(reading.reason().contains("sends us on more than 5 times"), "{reading:#?}");
    let answer = ask("status = 302", |_| Says::Page(302, "Location: ftp://x/\r\n".to_owned(), String::new())).await;
    assert_eq!(answer.0, Verdict::Healthy, "the plan expects it");
    let answer = ask("", |_| Says::Page(302, "Location: ftp://x/\r\n".to_owned(), String::new())).await;
    assert!(answer.1.contains("ftp://x/, which is no address"), "{answer:?}");
}

#[tokio::test]
async fn a_login_is_sent_to_its_own_host_only() {
    use std::os::unix::fs::PermissionsExt;
    let other = Server::start(|_| page(200, "")).await;
    let url = other.url();
    let server = Server::start(move |_| Says::Page(302, format!("Location: {url}/\r\n"), String::new())).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2hunter2").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let login = format!("user = 'ada'\npassword = 'file:{}'", file.display());
    let mut asker = Asker::of("app", "http", &server.url(), &login);
    assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
    assert!(
        server.asked()[0].contains("\r\nauthorization: Basic YWRhOmh1bnRlcjJodW50ZXIy\r\n"),
        "{:?}",
        server.asked()
    );
    assert!(!other.asked()[0].to_lowercase().contains("authorization"), "{:?}", other.asked());
}

#[tokio::test]
async fn who_is_sent_on_takes_nothing_along_and_shows_no_query() {
    let other = Server::start(|_| page(200, "")).await;
    let away = format!("Location: {}/there?token=hunter2hunter2\r\n", other.url());
    let server = Server::start(move |_| Says::Page(307, away.clone(), String::new())).await;
    let flow = "[[component.flow]]\nname = 'order'\nslo = '99%'\nevery = '20s'\nstep = [\n\
        { method = 'POST', path = '/orders', body = '{\"card\": 1}' } ]";
    let mut asker = Asker::of("app", "http", &server.url(), flow);
    let reading = asker.until("its flow ran", |reading| reading.fact("flow").is_some()).await;
    assert_eq!(shown(&reading, "moved_to"), format!("{}/there", other.url()));
    assert!(server.asked().iter().any(|request| request.starts_with("POST") && request.ends_with("{\"card\": 1}")));
    let there = other.asked();
    assert!(there.len() >= 2, "the question and the flow: {there:?}");
    for request in there {
        assert!(request.starts_with("GET /there") && !request.contains("card"), "{request}");
    }
}

#[tokio::test]
async fn what_it_says_cannot_steer_a_terminal() {
    let answer = ask("", |_| page(500, "\u{1b}[2J\u{202e}gone")).await;
    assert_eq!(answer, (Verdict::Down, "it answers with status 500: \\x1b[2J\\u{202e}gone".to_owned()));
}

#[tokio::test]
async fn every_question_is_that_of_a_new_visitor() {
    let server = Server::start(|_| page(200, "")).await;
    let mut asker = Asker::of("app", "http", &server.url(), "");
    for _ in 0..5 {
        assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
    }
    assert_eq!((server.asked().len(), server.greeted()), (5, 5));
}
