//! The pictures that the desk sends.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use lifeboat::desk::{Sources, keep};
use lifeboat::text::Redactor;
use lifeboat::watch::Means;
use tokio_util::sync::CancellationToken;

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_looks_as_soon_as_everything_was_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (folder, address) = (tempfile::tempdir().unwrap(), listener.local_addr().unwrap().to_string());
    let path = folder.path().join("plan.toml");
    let component =
        format!("[[component]]\nname = 'it'\nkind = 'tcp-port'\naddress = '{address}'\ncostly_every = '1s'\n");
    std::fs::write(&path, format!("[platform]\nname = 'it'\n{component}")).unwrap();
    let loaded = Arc::new(lifeboat::plan::load(&path, &[]).unwrap());
    let stop = CancellationToken::new();
    let means = Arc::new(Means::new(&Redactor::new(), stop.clone()));
    let plan = Arc::new(loaded.plan.clone().unwrap());
    let sources = Sources { plan, means, state: None, recording: None, doctor_looks_at: Some(loaded) };
    let (mut desk, _changes) = keep(sources);
    let looked = tokio::time::timeout(Duration::from_secs(7), desk.wait_for(|desk| desk.bastion.is_some())).await;
    let desk = looked.expect("it waits for nothing else").unwrap();
    let seen = desk.picture.seen(0);
    assert!(seen.rare.is_some() || seen.rare_trouble.is_some(), "what is asked rarely was asked");
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_stays_is_not_sent_every_second() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (folder, address) = (tempfile::tempdir().unwrap(), listener.local_addr().unwrap().to_string());
    let path = folder.path().join("plan.toml");
    let component = format!("[[component]]\nname = 'it'\nkind = 'tcp-port'\naddress = '{address}'\nevery = '1h'\n");
    std::fs::write(&path, format!("[platform]\nname = 'it'\n{component}")).unwrap();
    let plan = Arc::new(lifeboat::plan::load(&path, &[]).unwrap().plan.unwrap());
    let stop = CancellationToken::new();
    let means = Arc::new(Means::new(&Redactor::new(), stop.clone()));
    let sources = Sources { plan, means, state: None, recording: None, doctor_looks_at: None };
    let (mut desk, _changes) = keep(sources);
    while desk.borrow_and_update().picture.seen(0).latest.is_none() {
        desk.changed().await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    desk.borrow_and_update();
    let (mut sent, end) = (0, tokio::time::Instant::now() + Duration::from_secs(9));
    while tokio::time::timeout_at(end, desk.changed()).await.is_ok() {
        sent += 1;
    }
    assert!((1..=2).contains(&sent), "only a sign of life: {sent}");
    stop.cancel();
}
