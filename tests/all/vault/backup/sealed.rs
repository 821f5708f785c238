//! What is encrypted: the program `age` opens it, a lost key is told, and so is a wrong one.

use std::process::Command;

use super::{Place, name};
use crate::systems::databases::postgres::server::Server;

fn key(folder: &std::path::Path, file: &str) -> String {
    let path = folder.join(file);
    assert!(Command::new("age-keygen").arg("-o").arg(&path).output().unwrap().status.success());
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_its_recipients_read_it() {
    let keys = tempfile::tempdir().unwrap();
    let (recipient, _) = (key(keys.path(), "mine"), key(keys.path(), "other"));
    let sealed = format!("encrypt_to = ['{recipient}']\ndecrypt_with = 'file:{}/mine'\n", keys.path().display());
    // The store above it in the plan gets these lines.
    let place = Place::with(Server::start(&[]).await, &sealed);
    place.server.execute(super::DATA).await;
    let backup = place.back_up("");
    assert_eq!(backup["outcome"], "taken", "{backup:#}");
    let file = &backup["manifest"]["files"][0];
    assert!(file["key"].as_str().unwrap().ends_with(".dump.age") && file["inside"]["sha256"].is_string(), "{file:#}");
    // The other store has it as it is.
    let sealed = place.files("local").into_iter().find(|path| name(path).ends_with(".dump.age")).unwrap();
    let plain = place.files("second").into_iter().find(|path| path.extension().is_some_and(|it| it == "dump")).unwrap();
    let opened = Command::new("age").arg("-d").arg("-i").arg(keys.path().join("mine")).arg(&sealed).output().unwrap();
    assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
    assert_eq!(opened.stdout, std::fs::read(&plain).unwrap());
    let verified = place.run("verify --json");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("3 tables with 2003 rows"));
    // Another key opens nothing, and that is no flaw of the file.
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan.replace("/mine'", "/other'"));
    let verified = place.run("verify --deep");
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert!(verified.out.contains("does not open it") && !verified.out.contains("flawed "), "{verified:?}");
    // A lost one is told as such.
    place.home.write("plan.toml", plan.replace("/mine'", "/lost'"));
    let verified = place.run("verify --deep");
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert!(verified.out.contains("/lost") && !verified.out.contains("flawed "), "{verified:?}");
    // Without any, the hash still tells whether it is what was written.
    place.home.write("plan.toml", plan.replace("decrypt_with", "# "));
    let verified = place.run("verify --deep");
    assert!(verified.code == Some(0) && verified.out.contains("only its recipients can read more"), "{verified:?}");
    let mut bytes = std::fs::read(&sealed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    let verified = place.run("verify --deep");
    assert!(verified.code == Some(3) && verified.out.contains("its hash is not the one"), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_recipient_keeps_its_store_from_the_backup_and_no_other() {
    let place = Place::with(Server::start(&[]).await, "encrypt_to = ['age1nonsense']\n");
    let backup = place.back_up("");
    let stores = backup["stores"].as_array().unwrap();
    let missing: Vec<&str> = stores.iter().filter_map(|store| store["missing"].as_str()).collect();
    assert!(backup["outcome"] == "taken" && missing.len() == 1, "{backup:#}");
    assert!(missing[0].contains("age1nonsense") && missing[0].contains("encrypt_to"), "{backup:#}");
    assert!(place.files("local").is_empty() != place.files("second").is_empty());
    let checked = place.run("plan check");
    assert!(checked.code != Some(0) && checked.out.contains("age1nonsense"), "{checked:?}");
}

/// What the manifest of a store says of the only dump in it: its name without its moment, and the line that restores it.
fn line(place: &Place, store: &str) -> String {
    let file = place.files(store).into_iter().find(|path| is_manifest(name(path)));
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(file.unwrap()).unwrap()).unwrap();
    let id = manifest["point"].as_str().unwrap().rsplit('/').next().unwrap();
    let files = manifest["files"].as_array().unwrap().iter();
    let lines: Vec<String> = files.map(|file| file["restore"].as_str().unwrap().replace(id, "POINT")).collect();
    lines.join("\n")
}

fn is_manifest(name: &str) -> bool {
    name.split_once('.').is_some_and(|(_, ending)| ending == "json")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_encrypted_on_its_way_says_how_to_open_it_and_heals_the_store_it_came_from() {
    let keys = tempfile::tempdir().unwrap();
    let recipient = key(keys.path(), "mine");
    let place = Place::with(Server::start(&[]).await, "");
    place.server.execute(super::DATA).await;
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let second = "name = 'second'\nkind = 'directory'\n";
    let sealed = format!("{second}encrypt_to = ['{recipient}']\n");
    let upload = |name: &str, to: &str| {
        format!("[[job]]\nname = '{name}'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['{to}']\n")
    };
    let jobs = upload("up", "second") + &upload("down", "local");
    place.home.write("plan.toml", plan.replace(second, &sealed) + &jobs);
    let copied = |job: &str| {
        let run = || place.run(&format!("backup --due --job {job}"));
        (0..20).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            run().out.contains("1 recovery point copied")
        })
    };
    assert_eq!(place.back_up("--to local")["outcome"], "taken");
    assert!(copied("up"));
    let on_its_way = line(&place, "second");
    assert!(on_its_way.contains("age -d -i KEY POINT.dump.age"), "{on_its_way}");
    // What lies there is good for the store it came from, as it lies: nobody here can read it, and nobody has to.
    std::fs::remove_dir_all(place.home.path().join("local/postgres")).unwrap();
    assert!(copied("down"));
    assert_eq!(line(&place, "local"), on_its_way);
    assert!(place.files("local").iter().any(|path| name(path).ends_with(".dump.age")), "{:?}", place.files("local"));
    let verified = place.run("verify --in local");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    // It is the line of one that was never anything else.
    std::fs::remove_dir_all(place.home.path().join("second/postgres")).unwrap();
    assert_eq!(place.back_up("--to second")["outcome"], "taken");
    assert_eq!(line(&place, "second"), on_its_way);
}

#[test]
fn what_is_all_secret_is_taken_by_no_store_that_would_have_it_lie_open() {
    let home = crate::vault::points::place(
        "[[component]]\nname = 'env'\nkind = 'files'\naddress = 'HERE/.env'\n\
         [[job]]\nname = 'e'\ndo = 'backup'\nof = 'env'\nmethod = 'files'\ncron = '0 3 * * *'\nto = ['local']\n",
    );
    let dotenv = home.write(".env", "PASSWORD=hunter2hunter2");
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    home.write("plan.toml", plan.replace("HERE/.env", &dotenv.display().to_string()));
    let ran = home.run("--plan plan.toml --state state backup env");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(format!("{}{}", ran.out, ran.err).contains("no `encrypt_to`"), "{ran:?}");
    let points = home.run("--plan plan.toml --state state points --json").json();
    assert_eq!(points["points"].as_array().unwrap().len(), 0, "{points:#}");
}

#[test]
fn what_is_secret_among_files_is_sealed_and_its_key_opens_it() {
    let keys = tempfile::tempdir().unwrap();
    let recipient = key(keys.path(), "mine");
    let home = crate::support::program::Home::new();
    let root = home.path().display().to_string();
    std::fs::create_dir(home.path().join("store")).unwrap();
    home.write("source/app.conf", "listen = 80\n");
    home.write("source/.env", "PASSWORD=hunter2hunter2\n");
    home.write(
        "plan.toml",
        format!(
            "[platform]\nname = 'p'\nstate = '{root}/state'\n\
             [[component]]\nname = 'settings'\nkind = 'files'\naddress = '{root}/source'\n\
             [[store]]\nname = 'store'\nkind = 'directory'\npath = '{root}/store'\nencrypt_to = ['{recipient}']\n\
             [[job]]\nname = 'daily'\ndo = 'backup'\nof = 'settings'\nmethod = 'files'\ncron = '0 3 * * *'\nto = ['store']\n"
        ),
    );
    let ran = home.run("--plan plan.toml backup settings --json");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report = ran.json();
    let files = report["backups"][0]["manifest"]["files"].as_array().unwrap();
    let secret = files.iter().find(|file| file["key"].as_str().unwrap().starts_with("config/env/")).unwrap();
    let sealed = home.path().join("store").join(secret["key"].as_str().unwrap());
    assert!(!String::from_utf8_lossy(&std::fs::read(&sealed).unwrap()).contains("hunter2"));
    // The line of its manifest, where its words in capitals are filled in.
    let line = secret["restore"].as_str().unwrap();
    let folder = home.path().join("again");
    std::fs::create_dir(&folder).unwrap();
    let line = line.replace("KEY", &keys.path().join("mine").display().to_string());
    let line = line.replace("EMPTY_FOLDER", &folder.display().to_string());
    let output = Command::new("sh").args(["-c", &line]).current_dir(sealed.parent().unwrap()).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let found = Command::new("grep").args(["-r", "-l", "hunter2"]).arg(&folder).output().unwrap();
    assert!(String::from_utf8_lossy(&found.stdout).contains(".env"), "{line}");
}
