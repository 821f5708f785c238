//! A primary with all that one can have, and its standby: every fact of the vocabulary is told.

use std::collections::BTreeSet;

use lifeboat::plan::facts::Verdict;
use lifeboat::plan::types::Kind;
use lifeboat::systems::Reading;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, list, never_told, shown};

const PLAN: &str = "version = '15'\n\
    [component.postgres]\nstandbys = ['far']\narchive = '/archive'\n\
    [component.postgres.checks]\nconsistency = 'SELECT count(*) FROM pg_class WHERE false'\n\
    orphans = 'SELECT count(*) FROM parts WHERE NOT EXISTS (SELECT FROM wholes WHERE wholes.id = parts.whole);'\n\
    constraint_violations = 'SELECT 0'\n";

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_of_the_vocabulary_is_told() {
    let primary = Server::start(&["archive_mode=on", "archive_command=test -n %p"]).await.with_monitor().await;
    primary
        .execute(&[
            "CREATE EXTENSION amcheck",
            "ALTER ROLE lifeboat VALID UNTIL '2999-01-01 00:00:00+00'",
            "GRANT EXECUTE ON FUNCTION bt_index_check(regclass) TO lifeboat",
            "GRANT EXECUTE ON FUNCTION verify_heapam TO lifeboat",
            "CREATE TABLE wholes (id int PRIMARY KEY)",
            "CREATE TABLE parts (id int PRIMARY KEY, whole int)",
            "GRANT SELECT ON wholes, parts TO lifeboat",
            "INSERT INTO wholes SELECT generate_series(1, 1000)",
            "INSERT INTO parts SELECT n, n FROM generate_series(1, 1003) n",
            "ANALYZE",
            "SELECT pg_switch_wal()",
        ])
        .await;
    let standby = Server::follow(&primary, "far", "far", &[]).await;
    let far = standby.component("far", "lifeboat", "");
    let mut asker = Asker::new(&[primary.component("db", "lifeboat", PLAN), far.clone()]);
    let _patroni = primary.session("plain", "Patroni heartbeat").await;
    let reading = asker.until("the standby streams, a segment is archived", |reading| {
        count(reading, "standbys") == 1
            && shown(reading, "replication") == "streaming"
            && reading.fact("last_archived").is_some()
            && reading.fact("transactions").is_some()
            && reading.fact("hit_rate").is_some()
    });
    let reading = reading.await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert!(reading.identity.starts_with("PostgreSQL 15."), "{reading:#?}");
    assert!(reading.identity.ends_with(", primary, database postgres as lifeboat"), "{reading:#?}");
    assert_eq!(shown(&reading, "replication_lag"), "0s");
    assert_eq!(shown(&reading, "managed_by"), "Patroni");
    assert!(shown(&reading, "login_ends").starts_with("2999-01-01"), "{reading:#?}");
    assert_eq!(shown(&reading, "archiving"), "working");
    assert_eq!(list(&reading, "Standbys").rows[0][0], "far");
    assert_eq!(list(&reading, "Slots").rows[0][..3], ["far", "physical", "connected"]);
    assert!(reading.facts.unseen().next().is_none(), "pg_monitor sees everything: {reading:#?}");

    let rare = asker.rare().await;
    assert_eq!((count(&rare, "orphans"), shown(&rare, "consistency").as_str()), (3, "passed"));
    assert_eq!(shown(&rare, "integrity"), "failed", "orphans are damage to the data");
    assert_eq!(rare.verdict, Verdict::Degraded);
    assert_eq!((count(&rare, "tables"), count(&rare, "rows")), (2, 2_003));
    assert_eq!((count(&rare, "damaged_indexes"), count(&rare, "damaged_tables")), (0, 0));
    assert_eq!(list(&rare, "Largest tables").rows[0][0], "public.parts");

    let mut told: BTreeSet<String> = std::mem::take(&mut asker.told);
    let mut asker = Asker::new(&[far, primary.component("db", "lifeboat", PLAN)]);
    // How far it is behind is known once the first record has come.
    let follows =
        |reading: &Reading| shown(reading, "replication") == "streaming" && reading.fact("replication_lag").is_some();
    let reading = asker.until("it follows", follows).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert_eq!((shown(&reading, "role").as_str(), shown(&reading, "replication_lag").as_str()), ("standby", "0s"));
    told.append(&mut asker.told);
    assert_eq!(never_told(Kind::Postgres, &told), Vec::<&str>::new());
}
