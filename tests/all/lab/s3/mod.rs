//! The S3 endpoint of the lab, asked by the client that everybody uses.

mod archive;
mod checksums;
mod conditions;
mod crash;
mod keys;
mod parts;
mod proxy;
mod replication;
mod room;
mod versions;

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation};
use aws_sdk_s3::error::ProvideErrorMetadata;
use lifeboat::lab::s3::{BucketOptions, Options, Peer, Server, Settings};
use lifeboat::text::SystemClock;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const ACCESS_KEY: &str = "lab-of-a-test";
pub const SECRET: &str = "a secret of the lab";

/// An endpoint that ends with its test.
pub struct Endpoint {
    folder: TempDir,
    pub address: SocketAddr,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

pub fn bucket(name: &str, versioned: bool) -> BucketOptions {
    BucketOptions { name: name.to_owned(), versioned, replicate_to: None }
}

/// Options for an endpoint in `folder`, with its secret beside it.
fn options(folder: &Path, region: &str, buckets: Vec<BucketOptions>, peers: Vec<Peer>) -> Options {
    let secret_file = folder.join("secret");
    std::fs::write(&secret_file, format!("{SECRET}\n")).unwrap();
    std::fs::set_permissions(&secret_file, std::fs::Permissions::from_mode(0o600)).unwrap();
    Options {
        directory: folder.join("s3"),
        listen: "127.0.0.1:0".parse().unwrap(),
        region: region.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_file,
        buckets,
        peers,
    }
}

impl Endpoint {
    /// One with the bucket `store`.
    pub async fn start() -> Endpoint {
        Endpoint::with("us-east-1", vec![bucket("store", false)], Vec::new()).await
    }

    pub async fn with(region: &str, buckets: Vec<BucketOptions>, peers: Vec<Peer>) -> Endpoint {
        let folder = tempfile::tempdir().unwrap();
        let options = options(folder.path(), region, buckets, peers);
        let mut endpoint = Endpoint { folder, address: options.listen, running: None };
        endpoint.run(options).await;
        endpoint
    }

    async fn run(&mut self, options: Options) {
        let server = Server::bind(&options, Arc::new(SystemClock)).await.unwrap();
        self.address = server.address();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        self.running = Some((stop, task));
    }

    /// Ends it, and starts it again on the same folder.
    async fn restart(&mut self) {
        self.stop().await;
        let options = options(self.folder.path(), "us-east-1", Vec::new(), Vec::new());
        self.run(options).await;
    }

    async fn stop(&mut self) {
        if let Some((stop, task)) = self.running.take() {
            let _ = stop.send(());
            task.await.unwrap();
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("s3")
    }

    pub fn client(&self) -> Client {
        client(&self.url(), RequestChecksumCalculation::WhenSupported)
    }

    /// How many files of bytes lie in a bucket.
    pub fn files(&self, bucket: &str) -> usize {
        std::fs::read_dir(self.directory().join("buckets").join(bucket).join("data")).unwrap().count()
    }
}

fn client(url: &str, checksums: RequestChecksumCalculation) -> Client {
    client_of(url, SECRET, checksums)
}

fn client_of(url: &str, secret: &str, checksums: RequestChecksumCalculation) -> Client {
    let config = aws_sdk_s3::Config::builder()
        .region(Region::new("us-east-1"))
        .endpoint_url(url)
        .force_path_style(true)
        .credentials_provider(Credentials::new(ACCESS_KEY, secret, None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .request_checksum_calculation(checksums)
        .build();
    Client::from_conf(config)
}

/// Puts settings in force while the endpoint runs.
pub fn set(endpoint: &Endpoint, settings: &Settings) {
    let path = Settings::path(&endpoint.directory());
    std::fs::write(path.with_extension("new"), serde_json::to_vec(settings).unwrap()).unwrap();
    std::fs::rename(path.with_extension("new"), path).unwrap();
}

/// The code of the error that a request has to end with.
fn code<T: std::fmt::Debug, E>(result: Result<T, E>) -> String
where
    E: ProvideErrorMetadata + std::fmt::Debug,
{
    let error = result.unwrap_err();
    error.code().map_or_else(|| format!("no code: {error:?}"), str::to_owned)
}

/// What an object holds.
pub async fn read(client: &Client, bucket: &str, key: &str) -> Vec<u8> {
    let object = client.get_object().bucket(bucket).key(key).send().await.unwrap();
    object.body.collect().await.unwrap().to_vec()
}

async fn write(client: &Client, bucket: &str, key: &str, bytes: &[u8]) {
    client.put_object().bucket(bucket).key(key).body(bytes.to_vec().into()).send().await.unwrap();
}

/// Waits until `holds` does.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !holds().await {
        assert!(std::time::Instant::now() < deadline, "{what} did not come");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
