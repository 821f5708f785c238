//! Backups into a bucket as well as a folder: the lab's own endpoint, and one in between that misbehaves.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;

use super::Place;
use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET};
use crate::reach::s3::between::{Act, Head, between, refuse};
use crate::systems::databases::postgres::server::Server;

/// A database whose dump is larger than a part.
pub const LARGE: &[&str] = &[
    "CREATE TABLE noise AS SELECT md5(i::text) || md5((i * 7)::text) a, md5((i * 13)::text) || md5((i * 17)::text) b \
       FROM generate_series(1, 160000) i",
];

/// A plan with a bucket as its second store.
pub fn in_bucket(server: Server, address: SocketAddr, secret: &str) -> Place {
    let place = Place::with(server, "");
    let path = place.home.write("secret", secret);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let access = place.home.write("access", ACCESS_KEY);
    std::fs::set_permissions(&access, std::fs::Permissions::from_mode(0o600)).unwrap();
    let root = place.home.path().display();
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let folder = format!("name = 'second'\nkind = 'directory'\npath = '{root}/second'\n");
    let bucket = format!(
        "name = 'second'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
         access_key = 'file:{root}/access'\nsecret_key = 'file:{root}/secret'\n"
    );
    assert!(plan.contains(&folder));
    place.home.write("plan.toml", plan.replace(&folder, &bucket));
    place
}

/// Every object, without what Lifeboat keeps beside.
pub async fn keys(endpoint: &Endpoint) -> Vec<String> {
    let listed = endpoint.client().list_objects_v2().bucket("store").send().await.unwrap();
    let keys = listed.contents().iter().map(|object| object.key().unwrap().to_owned());
    keys.filter(|key| !key.starts_with(".lifeboat/")).collect()
}

/// How many uploads were begun and neither completed nor given up.
pub async fn begun(endpoint: &Endpoint) -> usize {
    let uploads = endpoint.client().list_multipart_uploads().bucket("store").send().await.unwrap();
    uploads.uploads().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_has_the_same_in_its_own_layout() {
    let endpoint = Endpoint::start().await;
    let place = in_bucket(Server::start(&[]).await, endpoint.address, SECRET);
    place.server.execute(LARGE).await;
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let keys = keys(&endpoint).await;
    assert_eq!(keys.len(), 3, "{keys:?}");
    let dump = keys.iter().find(|key| key.rsplit('.').next() == Some("dump")).unwrap();
    let steps: Vec<&str> = dump.split('/').collect();
    assert!(steps[0] == "postgres" && steps[3] == "daily" && steps[5].starts_with(steps[4]), "{dump}");
    let local = place.files("local").into_iter().find(|path| path.extension().is_some_and(|it| it == "dump")).unwrap();
    let local = std::fs::read(local).unwrap();
    assert!(local.len() > 9_000_000, "several parts: {}", local.len());
    assert_eq!(crate::lab::s3::read(&endpoint.client(), "store", dump).await, local);
    let points = place.points();
    assert_eq!((points.len(), points[0]["copies"].as_array().unwrap().len()), (1, 2));
    // Verified from there as well, and remembered there.
    let verified = place.run("verify");
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(verified.out.contains("second/postgres/"), "{verified:?}");
    let again = place.run("verify --json").json();
    assert!(again["copies"].as_array().unwrap().iter().all(|copy| copy["remembered"] == true), "{again:#}");
    // A listing is remembered for a while, and said to be.
    assert_eq!(place.run("points").code, Some(0));
    let listed = place.run("points");
    assert!(listed.out.contains("`--fresh` lists it anew"), "{listed:?}");
    assert!(!place.run("points --fresh").out.contains("lists it anew"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_a_bad_day_costs_no_backup_and_leaves_nothing_half() {
    type Behaviour = fn(&Head) -> Act;
    let worse: [(&str, Behaviour, bool); 6] = [
        ("now and then 500", |head| if head.number % 5 == 1 { refuse(500, "InternalError") } else { Act::Pass }, true),
        ("now and then 503", |head| if head.number % 4 == 2 { refuse(503, "SlowDown") } else { Act::Pass }, true),
        (
            "a reset in a part",
            |head| if head.is("PUT", "partNumber=1") && head.number < 9 { Act::Reset(90_000) } else { Act::Pass },
            true,
        ),
        (
            "a flipped byte in a part",
            |head| if head.is("PUT", "partNumber=1") && head.number < 9 { Act::Flip } else { Act::Pass },
            true,
        ),
        ("every part is flipped", |head| if head.is("PUT", "partNumber") { Act::Flip } else { Act::Pass }, false),
        (
            "nobody may write",
            |head| if head.is("P", "store/") { refuse(403, "AccessDenied") } else { Act::Pass },
            false,
        ),
    ];
    let endpoint = Endpoint::start().await;
    for (what, behaviour, does_well) in worse {
        let (address, _) = between(Some(endpoint.address), behaviour).await;
        let place = in_bucket(Server::start(&[]).await, address, SECRET);
        place.server.execute(LARGE).await;
        let before = keys(&endpoint).await.len();
        let ran = place.run("backup agents");
        assert_eq!(ran.code, Some(if does_well { 0 } else { 3 }), "{what}: {ran:?}");
        let after = keys(&endpoint).await.len();
        assert_eq!(after - before, if does_well { 3 } else { 0 }, "{what}");
        assert_eq!(begun(&endpoint).await, 0, "{what}: an upload was left");
        // The other store has it whole, whatever this one did.
        let verified = place.run("verify --in local");
        assert_eq!(verified.code, Some(0), "{what}: {verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_told_with_the_way_out() {
    let endpoint = Endpoint::start().await;
    let place = in_bucket(Server::start(&[]).await, endpoint.address, "not the secret of it");
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("missing in second") && ran.out.contains("secret_key"), "{ran:?}");
    let points = place.run("points");
    assert!(points.code == Some(3) && points.out.contains("Not looked into second"), "{points:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_copied_later_from_a_verified_copy() {
    let endpoint = Endpoint::start().await;
    let place = in_bucket(Server::start(&[]).await, endpoint.address, SECRET);
    place.server.execute(LARGE).await;
    let upload = "[[job]]\nname = 'upload'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['second']\n";
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", format!("{plan}{upload}"));
    for _ in 0..2 {
        assert_eq!(place.back_up("--to local")["outcome"], "taken");
    }
    // One of the two is damaged before it is copied.
    let dumps: Vec<_> =
        place.files("local").into_iter().filter(|path| path.extension().is_some_and(|it| it == "dump")).collect();
    let mut bytes = std::fs::read(&dumps[0]).unwrap();
    bytes[5_000_000] ^= 1;
    std::fs::write(&dumps[0], bytes).unwrap();
    let ran = place.run("backup --due --job upload");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("1 recovery point copied") && told.contains("is not whole"), "{ran:?}");
    assert_eq!(keys(&endpoint).await.len(), 3, "only the good one");
    let verified = place.run("verify --in second");
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_broke_off_between_its_files_is_gone_on_with() {
    let endpoint = Endpoint::start().await;
    let place = in_bucket(Server::start(&[]).await, endpoint.address, SECRET);
    place.server.execute(LARGE).await;
    let upload = "[[job]]\nname = 'upload'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['second']\n";
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", format!("{plan}{upload}"));
    assert_eq!(place.back_up("--to local")["outcome"], "taken");
    let copied = || while !place.run("backup --due --job upload").out.contains("1 recovery point copied") {};
    copied();
    let whole = keys(&endpoint).await;
    let of = |ending: &str| whole.iter().find(|key| key.ends_with(ending)).unwrap().clone();
    let (dump, manifest, client) = (of(".dump"), of(".json"), endpoint.client());
    // The last time the manifest alone is lost, after all had gone well.
    for (breaks_off, damages) in [(true, false), (true, true), (false, false)] {
        if breaks_off {
            let begun = manifest.replace(".json", ".begun.json");
            client.put_object().bucket("store").key(begun).body(vec![1].into()).send().await.unwrap();
        }
        client.delete_object().bucket("store").key(&manifest).send().await.unwrap();
        if damages {
            client.put_object().bucket("store").key(&dump).body(vec![7; 99].into()).send().await.unwrap();
        }
        copied();
        assert_eq!(keys(&endpoint).await, whole);
        let verified = place.run("verify --in second --read-only");
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bucket_lists_after_a_kill_is_whole() {
    let endpoint = Endpoint::start().await;
    let place = in_bucket(Server::start(&[]).await, endpoint.address, SECRET);
    place.server.execute(LARGE).await;
    let rounds = super::kills::rounds(6, 100);
    let started = std::time::Instant::now();
    assert_eq!(place.back_up("")["outcome"], "taken");
    let usual = started.elapsed();
    for round in 0..rounds {
        let mut command = place.home.command("--plan plan.toml backup agents".split_whitespace());
        let mut child =
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        tokio::time::sleep(usual * (round * 7919 % 1000) / 900).await;
        let _ = child.kill();
        child.wait().unwrap();
    }
    let verified = place.run("verify --deep --json");
    let copies = verified.json()["copies"].as_array().unwrap().clone();
    let flawed: Vec<_> = copies.iter().filter(|copy| copy["whole"] == false && copy["partial"].is_null()).collect();
    assert!(flawed.is_empty(), "{flawed:#?}");
    let lists = |store: &str| copies.iter().any(|copy| copy["store"] == store && copy["whole"] == true);
    assert!(lists("second") && lists("local"), "{copies:#?}");
    println!("{rounds} kills left {} copies and {} uploads that were begun", copies.len(), begun(&endpoint).await);
    assert_eq!(place.back_up("")["outcome"], "taken");
}
