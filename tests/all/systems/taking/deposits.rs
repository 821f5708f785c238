//! What Elasticsearch keeps for us in its own repository: what is made of each of its answers, and of what is none.

use lifeboat::plan::types::Component;
use lifeboat::reach::{Secrets, Settings};
use lifeboat::systems::artefact::Look;
use lifeboat::systems::{Contact, Deposits, NotRemoved};
use lifeboat::text::SystemClock;
use lifeboat::vault::{Account, Deposit};
use tokio_util::sync::CancellationToken;

use super::cluster::{Cluster, Snapshot, fault};
use crate::systems::web::server::{Says, page};

/// What a server answers.
type Answer = Box<dyn Fn() -> Says + Send>;

const NAME: &str = "lifeboat-20241118-020000-0badcafe";

fn deposit(name: &str) -> Deposit {
    Deposit { repository: "nightly".to_owned(), name: name.to_owned(), id: Some("s-1".to_owned()) }
}

/// What was told of it when it was taken.
fn told() -> Account {
    let counts = [("indexes", 1), ("shards", 2)].map(|(name, count)| (name.to_owned(), count));
    Account { identity: Some("u-1".to_owned()), counts: counts.into(), ..Account::default() }
}

/// Does something with what such a cluster keeps.
async fn with<T>(cluster: &Cluster, what: impl AsyncFnOnce(&Deposits) -> T) -> T {
    let component = format!("name = 'audit'\nkind = 'elasticsearch'\naddress = '{}'", cluster.server.url());
    let component: Component = toml::from_str(&component).unwrap();
    let settings = Settings::default();
    let secrets = Secrets::new(&settings.redactor);
    let stop = CancellationToken::new();
    let contact = Contact { secrets: &secrets, reach: &settings, clock: &SystemClock, stop, only_looks: false };
    what(&Deposits::open(&component, &contact).await.unwrap()).await
}

async fn look(cluster: &Cluster, is_deep: bool) -> Look {
    with(cluster, async |deposits| deposits.look(&deposit(NAME), &told(), is_deep).await).await
}

async fn remove(cluster: &Cluster) -> Result<(), NotRemoved> {
    with(cluster, async |deposits| deposits.remove(&deposit(NAME)).await).await
}

#[tokio::test]
async fn what_the_repository_says_of_a_snapshot_counts() {
    let cluster = Cluster::start().await;
    let like = Snapshot::default;
    for (snapshot, wanted, words) in [
        (like(), "whole", "1 index and 2 shards"),
        (Snapshot { state: "PARTIAL", shards: 1, failed: 1, ..like() }, "flawed", "is PARTIAL: no space left"),
        (Snapshot { state: "FAILED", shards: 0, ..like() }, "flawed", "is FAILED"),
        (Snapshot { state: "INCOMPATIBLE", ..like() }, "flawed", "is INCOMPATIBLE"),
        (Snapshot { state: "IN_PROGRESS", ..like() }, "not looked", "is IN_PROGRESS"),
        (Snapshot { failed: 1, ..like() }, "flawed", "1 shards failed: no space left"),
        (Snapshot { indexes: 0, ..like() }, "flawed", "has 0 indexes and 2 shards, and had 1 index and 2 shards"),
        (Snapshot { shards: 1, ..like() }, "flawed", "has 1 index and 1 shard, and had 1 index and 2 shards"),
        (Snapshot { uuid: "s-2".to_owned(), ..like() }, "flawed", "another one has its name"),
    ] {
        cluster.has(NAME, snapshot);
        is(&look(&cluster, false).await, wanted, words);
    }
    cluster.loses(NAME);
    is(&look(&cluster, false).await, "flawed", "in the repository nightly is gone");
    // Nothing was changed to find that out.
    assert_eq!((cluster.asked("PUT").len(), cluster.asked("POST").len(), cluster.asked("DELETE").len()), (0, 0, 0));
}

#[track_caller]
fn is(look: &Look, wanted: &str, words: &str) {
    let (word, told) = match look {
        Look::Whole(told) => ("whole", told),
        Look::Flawed(why) => ("flawed", why),
        Look::NotLooked(why) => ("not looked", why),
    };
    assert!(word == wanted && told.contains(words), "{look:?} is not {wanted}: {words}");
}

fn of_snapshot(says: impl Fn() -> Says + Send + 'static) -> impl Fn(&str) -> Option<Says> + Send + 'static {
    move |line| line.starts_with("GET /_snapshot").then(&says)
}

#[tokio::test]
async fn an_answer_that_says_nothing_of_it_is_no_flaw() {
    let cluster = Cluster::start().await;
    cluster.has(NAME, Snapshot::default());
    let answers: Vec<(Answer, &str)> = vec![
        (Box::new(|| Says::HangUp), ""),
        (Box::new(|| page(200, "<html>log in</html>")), "not what was asked for"),
        (Box::new(|| page(200, "{}")), "does not tell of the snapshot"),
        (Box::new(|| page(200, r#"{"snapshots":[]}"#)), "does not tell of the snapshot"),
        (Box::new(|| page(200, r#"{"snapshots":[{"snapshot":"another","state":"PARTIAL"}]}"#)), "does not tell"),
        (Box::new(|| page(404, "<html>no such page</html>")), "status 404"),
        (Box::new(|| page(404, r#"{"error":"no handler found"}"#)), "no handler found"),
        (Box::new(|| fault(404, "repository_missing_exception", "[nightly] missing")), "no such repository"),
        (Box::new(|| fault(401, "security_exception", "missing credentials")), "does not let us in"),
        (Box::new(|| fault(403, "security_exception", "is unauthorized")), "does not let us in"),
        (Box::new(|| fault(500, "repository_exception", "[nightly] cannot be read")), "cannot be read"),
        (Box::new(|| fault(503, "master_not_discovered_exception", "no master")), "no master"),
        (Box::new(|| page(502, "<html>bad gateway</html>")), "status 502"),
    ];
    for (answer, words) in answers {
        cluster.says(of_snapshot(answer));
        is(&look(&cluster, false).await, "not looked", words);
    }
    let unreadable = r#"{"error":{"type":"snapshot_exception","reason":"[nightly:x] Snapshot could not be read","caused_by":{"type":"snapshot_missing_exception","reason":"[nightly:x] is missing"}},"status":500}"#;
    cluster.says(of_snapshot(|| page(500, unreadable)));
    is(&look(&cluster, false).await, "flawed", "cannot be read: ");
}

#[tokio::test]
async fn another_cluster_says_nothing_of_what_it_does_not_have() {
    let cluster = Cluster::start().await;
    cluster.is("u-2");
    is(&look(&cluster, false).await, "not looked", "another cluster than it was taken of");
    let has = with(&cluster, async |deposits| deposits.has(&deposit(NAME), Some("u-1")).await).await;
    assert!(has.unwrap_err().to_string().contains("another cluster"));
    // The same repository may be registered there.
    cluster.has(NAME, Snapshot::default());
    is(&look(&cluster, false).await, "whole", "is there");
}

#[tokio::test]
async fn a_deep_look_asks_for_every_shard() {
    let cluster = Cluster::start().await;
    cluster.has(NAME, Snapshot::default());
    is(&look(&cluster, true).await, "whole", "is there");
    let status = |answer: fn() -> Says| move |line: &str| line.contains("/_status").then(answer);
    cluster.says(status(|| fault(404, "snapshot_missing_exception", "[index-1] is missing")));
    is(&look(&cluster, false).await, "whole", "is there");
    is(&look(&cluster, true).await, "flawed", "files of its snapshot");
    cluster.says(status(|| {
        page(200, r#"{"snapshots":[{"state":"PARTIAL","shards_stats":{"done":1,"failed":1,"total":2}}]}"#)
    }));
    is(&look(&cluster, true).await, "flawed", "1 of 2 shards are whole");
    for unknown in
        [|| page(200, "[]"), || page(504, "<html>too late</html>"), || fault(403, "security_exception", "no")]
    {
        cluster.says(status(unknown));
        is(&look(&cluster, true).await, "not looked", "");
    }
}

#[tokio::test]
async fn only_what_has_a_name_of_ours_is_asked_for_or_deleted() {
    let cluster = Cluster::start().await;
    for name in ["*", "_all", "a,b", "lifeboat-*", "lifeboat-1,other", "lifeboat-", "lifeboat-1/..", "nightly-1", ""] {
        let it = deposit(name);
        is(
            &with(&cluster, async |deposits| deposits.look(&it, &told(), true).await).await,
            "not looked",
            "no name that",
        );
        let not = with(&cluster, async |deposits| deposits.remove(&it).await).await.unwrap_err();
        assert!(not.is_whole && not.why.contains("no name that we give"), "{not:?}");
    }
    for repository in ["", ".", "..", "_all", "*", "a,b", "night\tly", "nightly\n"] {
        let it = Deposit { repository: repository.to_owned(), ..deposit(NAME) };
        let not = with(&cluster, async |deposits| deposits.remove(&it).await).await.unwrap_err();
        assert!(not.is_whole && not.why.contains("no name of one repository"), "{repository:?}: {not:?}");
    }
    assert!(cluster.server.asked().iter().all(|asked| asked.starts_with("GET / ")));
    // Every other character stays one of the name.
    for (repository, path) in [("naïve repo/é#1?x", "na%C3%AFve%20repo%2F%C3%A9%231%3Fx"), ("%2e%2e", "%252e%252e")] {
        let it = Deposit { repository: repository.to_owned(), ..deposit(NAME) };
        let _ = with(&cluster, async |deposits| deposits.remove(&it).await).await;
        assert_eq!(cluster.asked("DELETE").last().unwrap(), &format!("DELETE /_snapshot/{path}/{NAME}"));
    }
}

#[tokio::test]
async fn what_is_deleted_is_looked_for_again() {
    let cluster = Cluster::start().await;
    cluster.has(NAME, Snapshot::default());
    cluster.has("lifeboat-20241118-020000-0badcaff", Snapshot::default());
    assert_eq!(remove(&cluster).await, Ok(()));
    assert_eq!(cluster.names(), ["lifeboat-20241118-020000-0badcaff"]);
    assert_eq!(remove(&cluster).await, Ok(()), "what is not there is gone");
    // A deletion that overtakes the end of a snapshot does not find it.
    cluster.has(NAME, Snapshot::default());
    let times = std::sync::atomic::AtomicUsize::new(0);
    cluster.says(move |line| {
        let is_first = line.starts_with("DELETE") && times.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        is_first.then(|| fault(404, "snapshot_missing_exception", "is missing"))
    });
    assert_eq!(remove(&cluster).await, Ok(()));
    assert_eq!(cluster.names().len(), 1);
}

#[tokio::test]
async fn what_may_be_deleted_is_told_from_what_is_not() {
    let cluster = Cluster::start().await;
    cluster.has(NAME, Snapshot::default());
    let answers: Vec<(Answer, bool, &str)> = vec![
        (Box::new(|| fault(401, "security_exception", "who are you")), true, "who are you"),
        (Box::new(|| fault(403, "security_exception", "is unauthorized")), true, "cluster privilege `manage`"),
        (Box::new(|| page(403, "<html>no</html>")), true, "does not let us in"),
        (Box::new(|| page(404, "<html>no such page</html>")), true, "status 404"),
        (Box::new(|| fault(404, "snapshot_missing_exception", "is missing")), true, "listed all the same"),
        (Box::new(|| fault(404, "repository_missing_exception", "[nightly] missing")), true, "[nightly] missing"),
        (
            Box::new(|| {
                let why = "cannot delete snapshots while a restore is in progress";
                fault(503, "concurrent_snapshot_execution_exception", why)
            }),
            true,
            "while a restore is in progress",
        ),
        (Box::new(|| fault(500, "repository_exception", "repository is readonly")), true, "is readonly"),
        (Box::new(|| page(503, "<html>busy</html>")), false, "status 503"),
        (Box::new(|| page(504, "")), false, "status 504"),
        (Box::new(|| page(200, "<html>log in</html>")), false, "lists it still"),
        (Box::new(|| Says::HangUp), false, ""),
    ];
    for (answer, is_whole, words) in answers {
        cluster.says(move |line| line.starts_with("DELETE").then(&answer));
        let not = remove(&cluster).await.unwrap_err();
        assert!(not.is_whole == is_whole && not.why.contains(words), "{not:?} {is_whole} {words}");
        assert_eq!(cluster.names(), [NAME]);
    }
    cluster.says(|line| {
        let is_look = line.starts_with("GET /_snapshot");
        is_look.then(|| page(502, "<html>bad gateway</html>"))
    });
    let not = remove(&cluster).await.unwrap_err();
    assert!(!not.is_whole && not.why.contains("whether it is gone by now is not known"), "{not:?}");
}
