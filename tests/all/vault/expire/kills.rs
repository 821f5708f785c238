//! Killed at any moment: nothing that looks as if it could be restored from lacks a file, and the rest goes next time.

use std::process::Stdio;

use super::Keeping;
use crate::vault::points::put_bytes;

#[test]
fn what_is_listed_after_a_kill_is_whole() {
    let rounds = if std::env::var_os("LIFEBOAT_FULL").is_some() { 200 } else { 10 };
    let place = Keeping::new("keep = { age = '7d', at_least = 1 }");
    let fill = || {
        for hours in 0..60_i64 {
            place.ours("local", 1000 + hours, &["dump", "roles.sql"]);
            // As scripts leave them: two files, no manifest.
            let id = place.dump("second", 1000 + hours);
            let sql = format!("second/postgres/daily/{}.sql.gz", id.trim_start_matches("postgres/"));
            put_bytes(&place.home, &sql, &[7; 50], &place.at(1000 + hours).to_rfc3339());
        }
        place.verified("local", 1);
        place.verified("second", 1);
    };
    fill();
    let begun = std::time::Instant::now();
    assert_eq!(place.run("expire --yes").code, Some(0));
    let usual = begun.elapsed();
    let (mut half, mut cut) = (0, 0);
    for round in 0..rounds {
        fill();
        let mut command = place.home.command("--plan plan.toml expire --yes".split_whitespace());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(usual * (round * 7919 % 1000) / 1000);
        let _ = child.kill();
        child.wait().unwrap();
        let points = place.points();
        for copy in points.iter().flat_map(|point| point["copies"].as_array().unwrap()) {
            let files = copy["files"].as_array().unwrap();
            let artefacts = files.iter().filter(|file| !file["holds"].is_null()).count();
            let is_newest = files.iter().any(|file| file["key"].as_str().unwrap().contains(&place.name(1)));
            if copy["state"] == "partial" {
                half += 1;
            } else {
                assert!(artefacts == 2 || is_newest, "{copy:#}");
            }
        }
        cut += usize::from(points.len() > 1 && points.len() < 61);
        let rest = place.run("expire --yes");
        assert_eq!(rest.code, Some(0), "{rest:?}");
        let left = ["local", "second"].map(|store| place.files(store));
        assert_eq!(left.each_ref().map(Vec::len), [2, 2], "{left:?} {rest:?}");
    }
    println!("{rounds} kills, {cut} in the middle, left {half} half");
}
