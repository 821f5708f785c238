//! A store that is a folder of another machine, used from here: written, listed, verified, expired, held.

use std::path::Path;

use super::{There, far_processes};
use crate::support::small_disk::SmallDisk;
use crate::support::waiting::until;

/// The work is done here, and one of the two stores is a folder there.
fn from_here(there: &There, keep: &str) {
    let plan = std::fs::read_to_string(there.place.home.path().join("plan.toml")).unwrap();
    let plan = plan.replace("at = { ssh = 'there' }\n", "");
    there.place.home.write("plan.toml", plan.replacen("name = 'local'\n", &format!("name = 'local'\n{keep}"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_like_any_other_store() {
    let Some(there) = There::new().await else { return };
    from_here(&there, "keep = { at_least = 1 }\n");
    let taken = there.run("backup agents");
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let point = there.run("points --json").json()["points"][0].clone();
    assert_eq!(point["copies"].as_array().unwrap().len(), 2, "{point:#}");
    let verified = there.run("verify --in local");
    assert!(verified.code == Some(0) && verified.out.contains("2 tables with"), "{verified:?}");
    assert_eq!(there.run("points --json").json()["points"][0]["state"], "verified");
    let again = there.run("verify --in local --json").json();
    assert!(again["copies"].as_array().unwrap().iter().all(|copy| copy["remembered"] == true), "{again:#}");
    // A byte that is flipped there is found from here.
    let dump = there.far_files().into_iter().find(|path| path.extension().is_some_and(|it| it == "dump")).unwrap();
    let mut bytes = std::fs::read(&dump).unwrap();
    bytes[5_000_000] ^= 1;
    std::fs::write(&dump, bytes).unwrap();
    let deep = there.run("verify --deep --in local");
    assert_eq!(deep.code, Some(3), "{deep:?}");
    until("nobody is left there", || far_processes(there.far()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_goes_unless_it_is_held_there() {
    let Some(there) = There::new().await else { return };
    from_here(&there, "keep = { age = '1s', at_least = 1 }\n");
    for _ in 0..3 {
        let taken = there.run("backup agents --to local");
        assert_eq!(taken.code, Some(0), "{taken:?}");
    }
    assert_eq!(there.run("verify --in local").code, Some(0));
    until("they are older than is kept", || there.far_files().iter().all(|path| age(path) > 2));
    assert_eq!(there.run("hold --why audit").code, Some(0));
    let held = there.run("expire local --yes");
    assert!(held.code == Some(4) && held.err.contains("audit"), "{held:?}");
    assert_eq!(there.run("hold --release --why over").code, Some(0));
    let gone = there.run("expire local --yes");
    assert_eq!(gone.code, Some(0), "{gone:?}");
    let dumps = there.far_files().iter().filter(|path| path.extension().is_some_and(|it| it == "dump")).count();
    assert_eq!(dumps, 1, "{gone:?}");
    // A folder that is not mounted there is not taken for one without a hold.
    let folder = there.place.home.path().join("far\nfolder");
    std::fs::rename(&folder, there.place.home.path().join("away")).unwrap();
    let unseen = there.run("expire --yes");
    assert!(unseen.code == Some(3) && unseen.out.contains("Nothing may go: local"), "{unseen:?}");
    assert!(!folder.exists());
}

fn age(path: &Path) -> u64 {
    path.metadata().unwrap().modified().unwrap().elapsed().unwrap().as_secs()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_fails_nobody_else_and_leaves_nothing() {
    let Some(there) = There::new().await else { return };
    from_here(&there, "");
    let child = there.begun();
    there.line.cut();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let stores = &told["backups"][0]["stores"];
    assert!(stores[0]["missing"].as_str().unwrap().contains("the connection broke"), "{stores:#}");
    assert!(stores[1]["bytes"].as_u64().unwrap() > 9_000_000, "{stores:#}");
    until("nothing runs there", || far_processes(there.far()).is_empty());
    assert!(there.far_files().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_there_is_told_as_one_here() {
    let Some(disk) = SmallDisk::mount("size=2m") else { return };
    let Some(there) = There::new().await else { return };
    from_here(&there, "");
    let plan = std::fs::read_to_string(there.place.home.path().join("plan.toml")).unwrap();
    let folder = format!("{}/far\\nfolder", there.place.home.path().display());
    there.place.home.write("plan.toml", plan.replace(&folder, &disk.path().display().to_string()));
    let ran = there.run("backup agents");
    let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(told.contains("missing in local: ssh there: ") && told.contains("Make room there"), "{ran:?}");
    let left: Vec<_> = std::fs::read_dir(disk.path().join("postgres/daily")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_does_not_answer_is_told_and_fails_nobody_else() {
    let Some(there) = There::new().await else { return };
    from_here(&there, "");
    there.place.home.write("ssh_config", "Host there\n HostName 127.0.0.1\n Port 1\n");
    let ran = there.run("backup agents");
    assert!(ran.code == Some(3) && ran.out.contains("missing in local"), "{ran:?}");
    let points = there.run("points");
    assert!(points.code == Some(3) && points.out.contains("Not looked into local"), "{points:?}");
    let expire = there.run("expire --yes");
    assert!(expire.code == Some(3) && expire.out.contains("Nothing may go: local"), "{expire:?}");
}
