//! What could not be read, or may not lie in any store, is missing: such a recovery point counts for nothing that has all.
//! What is much smaller than usual is told.

use serde_json::Value;

use crate::support::program::{Home, Ran};

/// A folder with some files, and a store that keeps what is younger than a second.
pub fn place(more: &str) -> Home {
    let home = Home::new();
    let root = home.path().display().to_string();
    std::fs::create_dir(home.path().join("store")).unwrap();
    for (name, text) in [("one.conf", "1"), ("two.conf", "2")] {
        home.write(&format!("source/{name}"), text.repeat(1000));
    }
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\nstate = '{root}/state'\nrto = '2h'\nrpo = '1d'\n\
             [[component]]\nname = 'settings'\nkind = 'files'\naddress = '{root}/source'\nrto = '1h'\n\
             [[data]]\nname = 'configuration'\ncomponent = 'settings'\nrpo = '1d'\nprotected_by = ['daily']\n\
             [[store]]\nname = 'store'\nkind = 'directory'\npath = '{root}/store'\nkeep = {{ age = '1s', at_least = 1 }}\n{more}\n\
             [[job]]\nname = 'daily'\ndo = 'backup'\nof = 'settings'\nmethod = 'files'\ncron = '0 2 * * *'\nto = ['store']\n"
        ),
    );
    home
}

/// The same program, that may not open a file of this name.
fn without(home: &Home, file: &str, line: &str) -> Ran {
    let program = home.command(format!("--plan plan.toml {line}").split_whitespace());
    let before = ["-f", "-qq", "-o", "/dev/null", "-P", file, "-e", "trace=openat", "-e", "inject=openat:error=EACCES"];
    let mut command = home.command_of("strace", before);
    command.arg(program.get_program()).args(program.get_args());
    Ran::from(command.output().unwrap())
}

/// Makes what ended lately have ended ten minutes before, wherever that is kept.
fn ten_minutes_later(home: &Home) {
    let mut folders = vec![home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name().to_string_lossy().starts_with("job.")
                && let Ok(mut claim) = serde_json::from_slice::<Value>(&std::fs::read(entry.path()).unwrap())
            {
                let ended: chrono::DateTime<chrono::Utc> = claim["left"]["ended"].as_str().unwrap().parse().unwrap();
                claim["left"]["ended"] = (ended - chrono::TimeDelta::minutes(10)).to_rfc3339().into();
                std::fs::write(entry.path(), serde_json::to_vec(&claim).unwrap()).unwrap();
            }
        }
    }
}

fn run(home: &Home, line: &str) -> Ran {
    home.run(&format!("--plan plan.toml {line}"))
}

fn ids(home: &Home) -> Vec<String> {
    let points = run(home, "points --json").json()["points"].as_array().unwrap().clone();
    points.iter().map(|point| point["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_backup_that_could_not_read_everything_stands_in_for_none_that_did() {
    let home = place("");
    assert_eq!(run(&home, "backup settings").code, Some(0));
    assert_eq!(run(&home, "verify").code, Some(0));
    let [full] = ids(&home).try_into().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let ran = without(&home, "two.conf", "backup settings");
    assert!(ran.code == Some(3) && ran.out.contains("lacks: files that this user may not read: two.conf"), "{ran:?}");
    assert_eq!(run(&home, "verify").code, Some(0), "what there is of it is whole");
    let listed = run(&home, "points");
    assert!(listed.out.contains("its newest recovery point lacks files that this user may not read"), "{listed:?}");
    // What counts for the RPO is the one that has all.
    let status = run(&home, "status --json").json();
    assert_eq!(status["data"][0]["newest"]["point"].as_str(), Some(full.as_str()), "{status:#}");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let ran = run(&home, "expire --yes");
    assert!(ran.out.contains("what is newer lacks something"), "{ran:?}");
    assert!(ids(&home).contains(&full), "{ran:?}");
    // With another that has all, both are of no use any more.
    assert_eq!(run(&home, "backup settings").code, Some(0));
    assert_eq!(run(&home, "verify").code, Some(0));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(run(&home, "expire --yes").code, Some(0));
    assert_eq!(ids(&home).len(), 1);
    assert!(!ids(&home).contains(&full));
}

#[test]
fn keys_that_may_lie_nowhere_are_told_when_the_backup_is_taken() {
    let home = place("");
    home.write("source/.env", "SECRET=x");
    let ran = run(&home, "backup settings");
    assert!(ran.code == Some(3) && ran.out.contains("lacks: its keys and .env files"), "{ran:?}");
    let listed = run(&home, "points");
    assert!(listed.out.contains("its newest recovery point lacks its keys and .env files"), "{listed:?}");
    assert!(listed.out.contains("incomplete"), "{listed:?}");
    let [id] = ids(&home).try_into().unwrap();
    let shown = run(&home, &format!("points {id}"));
    assert!(shown.out.contains("incomplete, present") && shown.out.contains("Words in capitals"), "{shown:?}");
    assert_eq!(run(&home, "points --json").json()["points"][0]["complete"], false);
}

#[test]
fn a_store_whose_disk_is_not_mounted_is_away() {
    let home = place("mount = 'MOUNT'");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let mount = |mount: &str| home.write("plan.toml", plan.replace("MOUNT", mount));
    mount("/proc");
    assert_eq!(run(&home, "backup settings").code, Some(0));
    assert_eq!(run(&home, "hold --why breach").code, Some(0));
    mount(&home.path().join("store").display().to_string());
    let files = || walk(&home.path().join("store"));
    let before = files();
    for (line, code) in [
        ("backup settings", 1),
        ("points", 3),
        ("verify", 3),
        ("expire --yes", 3),
        ("hold --show", 3),
        ("hold --release --why over", 3),
        ("taint --component settings --since 1h --why breach", 3),
    ] {
        let ran = run(&home, line);
        let told = format!("{} {}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.code == Some(code) && told.contains("nothing is mounted at"), "{line}: {ran:?}");
    }
    assert_eq!(files(), before, "nothing was written below the mount point");
    mount("/proc");
    assert!(run(&home, "hold --show").out.contains("breach"));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect();
    all.sort();
    all
}

#[test]
fn what_is_much_smaller_than_those_before_it_is_told_when_it_is_taken() {
    let home = place("");
    // What packs badly.
    let random: Vec<u8> = (0..400_000u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()[5]).collect();
    home.write("source/large.conf", random);
    for _ in 0..3 {
        let ran = run(&home, "backup settings");
        assert!(ran.code == Some(0) && !ran.out.contains("strange"), "{ran:?}");
    }
    std::fs::remove_file(home.path().join("source/large.conf")).unwrap();
    let ran = run(&home, "backup settings");
    assert!(ran.code == Some(3) && ran.out.contains("strange: it has "), "{ran:?}");
    let said = run(&home, "backup settings --json").json()["backups"][0]["strange"].clone();
    assert!(said.as_str().unwrap().ends_with(" is usual"), "{said}");
}

/// What came of the job, and what was told of it.
fn due(home: &Home) -> (String, String) {
    let told = run(home, "backup --due --json --job daily").json()["jobs"][0].clone();
    let word = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    (word("came"), word("told"))
}

#[test]
fn what_a_store_did_not_take_is_brought_there_without_another_backup() {
    let home = place("");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let second = format!("[[store]]\nname = 'second'\nkind = 'directory'\npath = '{}/second'\n", home.path().display());
    home.write("plan.toml", plan.replace("to = ['store']", "to = ['store', 'second']") + &second);
    let (came, told) = due(&home);
    assert!(came == "failed" && told.contains("missing in second"), "{came}: {told}");
    assert_eq!(due(&home).0, "not due", "not at once");
    ten_minutes_later(&home);
    let (came, told) = due(&home);
    assert!(came == "failed" && told.contains("second"), "{came}: {told}");
    std::fs::create_dir(home.path().join("second")).unwrap();
    ten_minutes_later(&home);
    ten_minutes_later(&home);
    let (came, told) = due(&home);
    assert!(came == "done" && told.contains("1 recovery point copied"), "{came}: {told}");
    assert_eq!(ids(&home).len(), 1, "it was taken once");
    assert_eq!(run(&home, "verify").code, Some(0));
    // What could not be read is not tried again: it would not be read then either.
    ten_minutes_later(&home);
    assert_eq!(due(&home).0, "not due");
}

#[test]
fn what_was_taken_and_is_no_good_any_more_is_taken_again() {
    for damages in [false, true] {
        let home = place("");
        let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
        let root = home.path().display().to_string();
        let second = format!("[[store]]\nname = 'second'\nkind = 'directory'\npath = '{root}/second'\n");
        home.write("plan.toml", plan.replace("to = ['store']", "to = ['store', 'second']") + &second);
        assert_eq!(due(&home).0, "failed", "there is no second store");
        let [first] = ids(&home).try_into().unwrap();
        if damages {
            let archive = home.path().join("store").join(format!("{first}.tar.gz"));
            let mut bytes = std::fs::read(&archive).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(archive, bytes).unwrap();
            assert_eq!(run(&home, "verify").code, Some(3));
        } else {
            std::fs::rename(home.path().join("store"), home.path().join("away")).unwrap();
        }
        std::fs::create_dir(home.path().join("second")).unwrap();
        ten_minutes_later(&home);
        let (came, told) = due(&home);
        let listed = run(&home, "points --json").json();
        let has = |point: &Value| point["copies"].as_array().unwrap().iter().any(|copy| copy["store"] == "second");
        assert!(listed["points"].as_array().unwrap().iter().any(has), "{came}: {told}; {listed:#}");
        assert_eq!(came, if damages { "done" } else { "failed" }, "{told}");
    }
}

#[test]
fn what_is_tainted_is_said_to_be_there() {
    let home = place("");
    assert_eq!(run(&home, "backup settings").code, Some(0));
    assert_eq!(run(&home, "taint --component settings --since 1h --why breach").code, Some(0));
    let status = run(&home, "status");
    let told = status.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(status.code == Some(3) && told.contains("not tainted: 1 recovery point"), "{status:?}");
}

#[test]
fn what_lacks_something_is_better_than_what_is_damaged() {
    let home = place("");
    home.write("source/.env", "SECRET=x");
    assert_eq!(run(&home, "backup settings").code, Some(3));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(run(&home, "backup settings").code, Some(3));
    let [newest, older] = ids(&home).try_into().unwrap();
    let archive = home.path().join("store").join(format!("{newest}.tar.gz"));
    let length = archive.metadata().unwrap().len() / 2;
    std::fs::File::options().write(true).open(archive).unwrap().set_len(length).unwrap();
    let verified = run(&home, "verify");
    let told = verified.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("next: settings: restore from {older} in store, which is incomplete;")), "{told}");
}

#[test]
fn what_the_plan_names_and_is_gone_is_missing() {
    let home = place("");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let of_files = "[component.files]\ninclude = ['one.conf', 'nginx/**', '*.yml']\n[[data]]";
    home.write("plan.toml", plan.replacen("[[data]]", of_files, 1));
    home.write("source/nginx/site", "x".repeat(1000));
    let whole = run(&home, "backup settings");
    assert_eq!(whole.code, Some(0), "nobody misses any of a sort: {whole:?}");
    let full = ids(&home);
    assert_eq!(run(&home, "verify").code, Some(0));
    std::fs::remove_dir_all(home.path().join("source/nginx")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1200));
    let less = run(&home, "backup settings");
    assert!(less.code == Some(3) && less.out.contains("names and is not there: nginx/**"), "{less:?}");
    assert_eq!(run(&home, "expire --yes").code, Some(0));
    assert!(ids(&home).contains(&full[0]), "{full:?}");
}

#[test]
fn a_secret_that_lies_elsewhere_is_missing_and_what_else_does_is_told() {
    let home = place("");
    home.write("elsewhere/key.pem", "x");
    let link =
        |target: &str, name: &str| std::os::unix::fs::symlink(target, home.path().join("source").join(name)).unwrap();
    link("one.conf", "inside");
    link("../elsewhere/key.pem", "outside");
    let told = run(&home, "backup settings --json").json();
    let source = &told["backups"][0]["manifest"]["source"];
    let told = source["left_out"].to_string();
    assert!(told.contains("lies outside: outside") && source["lacks"].is_null(), "{source:#}");
    link("../elsewhere/key.pem", "privkey.pem");
    let taken = run(&home, "backup settings");
    assert!(taken.code == Some(3), "{taken:?}");
}
