//! Over TLS: whom this machine trusts is trusted, and nobody else.

use std::net::SocketAddr;

use lifeboat::plan::types::Store;
use lifeboat::reach::s3::{Bucket, Options, Trouble, Upload};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{all, keys, noise, quick, store};
use crate::lab::s3::Endpoint;
use crate::systems::tls::{Authority, Good, Issued};

/// Set where an authority of ours is trusted: the service to ask.
const ASKED: &str = "LIFEBOAT_TRIAL_ENDPOINT";

/// The endpoint of the lab over TLS.
async fn over_tls(upstream: SocketAddr, issued: &Issued) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TlsAcceptor::from(issued.served());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut client = acceptor.accept(stream).await.ok()?;
                let mut server = TcpStream::connect(upstream).await.ok()?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()
            });
        }
    });
    address
}

async fn open(endpoint: String) -> Bucket {
    let store = Store { endpoint: Some(endpoint), ..store("127.0.0.1:9".parse().unwrap(), "") };
    Bucket::open(&store, Some(keys()), quick()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_this_machine_is_trusted_and_no_other() {
    if let Ok(endpoint) = std::env::var(ASKED) {
        return trusted(endpoint).await;
    }
    let lab = Endpoint::start().await;
    let authority = Authority::new("ours");
    let address = over_tls(lab.address, &authority.issue(&["127.0.0.1"], Good::Long)).await;
    let endpoint = format!("https://{address}");
    let error = open(endpoint.clone()).await.list("", 10).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Unreachable(why) if why.contains("certificate")), "{error}");
    // Whom a machine trusts is read once by each process: another one trusts ours.
    let folder = tempfile::tempdir().unwrap();
    let mut there = tokio::process::Command::new(std::env::current_exe().unwrap());
    there.args(["--exact", "reach::s3::secure::an_authority_of_this_machine_is_trusted_and_no_other"]);
    there.env(ASKED, endpoint).env("SSL_CERT_FILE", authority.write(folder.path())).env_remove("SSL_CERT_DIR");
    let output = there.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(
        lab.client().head_object().bucket("store").key("parts").send().await.unwrap().content_length(),
        Some(70_000)
    );
}

async fn trusted(endpoint: String) {
    let store = open(endpoint).await;
    store.put("k", noise(300_000), &Options::default()).await.unwrap();
    assert_eq!(all(store.get("k", 5..).await).await.unwrap(), noise(300_000)[5..]);
    let upload = Upload::begin(&store, "parts", &Options::default()).await.unwrap();
    let part = upload.part(1, noise(70_000)).await.unwrap();
    upload.complete(&[part], true).await.unwrap();
}
