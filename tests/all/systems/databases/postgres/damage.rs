//! Data that are not what they should be: found by checksums, by amcheck, and by the plan's own questions.

use lifeboat::plan::facts::Verdict;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, hidden, list, says, shown};

const AMCHECK: [&str; 3] = [
    "CREATE EXTENSION amcheck",
    "GRANT EXECUTE ON FUNCTION bt_index_check(regclass) TO lifeboat",
    "GRANT EXECUTE ON FUNCTION verify_heapam TO lifeboat",
];

async fn file(server: &Server, relation: &str) -> String {
    let client = server.superuser().await;
    client.query_one("SELECT pg_relation_filepath($1::text::regclass)", &[&relation]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_pages_of_tables_and_indexes_are_found() {
    let mut server = Server::start(&["autovacuum=off"]).await.with_monitor().await;
    server.execute(&AMCHECK).await;
    server
        .execute(&[
            "CREATE TABLE t (n int PRIMARY KEY, words text)",
            "CREATE TABLE fine (n int PRIMARY KEY)",
            "INSERT INTO t SELECT n, repeat('x', 50) FROM generate_series(1, 500) n",
            "GRANT SELECT ON t TO lifeboat",
            "CHECKPOINT",
        ])
        .await;
    let checks = "[component.postgres.checks]\nsums = 'SELECT sum(n) < 0 FROM t'\n";
    let mut asker = Asker::new(&[server.component("db", "lifeboat", checks)]);
    let whole = asker.rare().await;
    assert_eq!((count(&whole, "damaged_indexes"), count(&whole, "damaged_tables")), (0, 0));
    assert_eq!(shown(&whole, "consistency"), "failed", "the check says no");
    let (table, index) = (file(&server, "t").await, file(&server, "t_pkey").await);
    server.down();
    server.damage(&table);
    server.damage(&index);
    server.up().await;

    let found = asker.rare().await;
    assert_eq!((count(&found, "damaged_indexes"), count(&found, "damaged_tables")), (1, 1), "{found:#?}");
    assert_eq!(list(&found, "Damaged indexes").rows[0][0], "public.t_pkey");
    assert_eq!(list(&found, "Damaged tables").rows[0][0], "public.t");
    assert_eq!((found.verdict, shown(&found, "integrity").as_str()), (Verdict::Degraded, "failed"));
    assert!(says(&found, "the check sums comes upon damage: invalid page in block "), "{found:#?}");
    let vital = asker.until("the failures are counted", |reading| count(reading, "checksum_failures") > 0).await;
    assert_eq!(vital.verdict, Verdict::Degraded);
    assert!(says(&vital, "a damaged page was read, the last time at "), "{vital:#?}");

    // What is made anew is whole again.
    server.execute(&["REINDEX TABLE fine", "DROP TABLE t"]).await;
    let mended = asker.rare().await;
    assert_eq!((count(&mended, "damaged_indexes"), count(&mended, "damaged_tables")), (0, 0), "{mended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_read_its_own_catalogue_says_so_at_the_door() {
    let mut server = Server::start(&["autovacuum=off"]).await.with_monitor().await;
    let databases = file(&server, "pg_database").await;
    server.execute(&["CHECKPOINT"]).await;
    server.down();
    server.damage(&databases);
    server.up_whatever_it_says().await;
    let mut asker = Asker::new(&[server.component("db", "lifeboat", "")]);
    // It may be replaying its log still.
    let reading = asker.until("its damage is seen", |reading| reading.verdict == Verdict::Down).await;
    assert_eq!(shown(&reading, "storage"), "failed", "{reading:#?}");
    assert!(reading.reason().starts_with("its files are damaged: invalid page in block 0"), "{reading:#?}");
    assert_eq!(shown(&reading, "integrity"), "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_out_of_order_is_found_and_an_invalid_one_is_only_invalid() {
    let server = Server::start(&[]).await.with_monitor().await;
    server.execute(&AMCHECK).await;
    let order = |sign: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION my_order(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE \
             AS 'SELECT {sign} pg_catalog.btint4cmp(a, b)'"
        )
    };
    server
        .execute(&[
            &order(""),
            "CREATE OPERATOR CLASS mine FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, \
             OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 my_order(int, int)",
            "CREATE TABLE t AS SELECT generate_series(1, 100) n",
            "CREATE INDEX ordered ON t (n mine)",
            "INSERT INTO t VALUES (7)",
            "ALTER TABLE t ADD CONSTRAINT old CHECK (n < 50) NOT VALID",
            // As a library of collations does that has become another.
            &order("-"),
        ])
        .await;
    let twice = server.superuser().await.batch_execute("CREATE UNIQUE INDEX CONCURRENTLY once ON t (n)").await;
    assert!(twice.is_err(), "7 is there twice");
    let found = Asker::new(&[server.component("db", "lifeboat", "")]).rare().await;
    assert_eq!(count(&found, "damaged_indexes"), 1, "{found:#?}");
    let damaged = &list(&found, "Damaged indexes").rows;
    assert!(damaged[0][0] == "public.ordered" && damaged[0][1].starts_with("item order invariant"), "{damaged:?}");
    assert_eq!(count(&found, "invalid_indexes"), 1);
    assert_eq!(list(&found, "Invalid indexes").rows, [["public.once", "public.t"]]);
    assert_eq!(list(&found, "Constraints that were never checked").rows, [["old", "public.t", "check"]]);
    assert_eq!(shown(&found, "integrity"), "failed");
    assert_eq!(hidden(&found, "constraint_violations"), "the plan has no check called constraint_violations");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plans_questions_can_write_nothing_and_do_not_hang() {
    let server = Server::start(&[]).await.with_monitor().await;
    server.execute(&["CREATE TABLE t (n int)", "GRANT ALL ON t TO lifeboat"]).await;
    let checks = r#"
        [component.postgres.checks]
        orphans = "SELECT 4::numeric"
        writes = "WITH w AS (INSERT INTO t VALUES (1) RETURNING n) SELECT count(*) FROM w"
        function = "SELECT setval('s', 1)"
        two = "SELECT 0); DROP TABLE t; SELECT (0"
        many = "SELECT generate_series(1, 2)"
        nonsense = "SELEC 1"
        words = "SELECT 'fine'"
        good = "SELECT true -- with a remark"
    "#;
    server.execute(&["CREATE SEQUENCE s", "GRANT ALL ON SEQUENCE s TO lifeboat"]).await;
    let found = Asker::new(&[server.component("db", "lifeboat", checks)]).rare().await;
    let rows = &list(&found, "Checks").rows;
    let answer = |name: &str| rows.iter().find(|row| row[0] == name).unwrap()[1].as_str();
    assert_eq!((answer("orphans"), answer("good")), ("wrong: 4", "right"));
    assert_eq!(answer("function"), "cannot be told: cannot execute setval() in a read-only transaction");
    for name in ["writes", "two", "many", "nonsense", "words"] {
        assert!(answer(name).starts_with("cannot be told: "), "{name}: {}", answer(name));
    }
    assert_eq!((shown(&found, "consistency").as_str(), count(&found, "orphans")), ("passed", 4));
    let rows = server.superuser().await.query_one("SELECT count(*) FROM t", &[]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 0);
}
