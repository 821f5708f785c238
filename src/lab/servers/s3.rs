//! The object store of a site: the endpoint embedded in Lifeboat, with the buckets of that site's region.

use crate::lab::context::Lab;
use crate::lab::launch::Launch;
use crate::lab::s3::{BucketOptions, Options, Peer, Settings};
use crate::lab::secrets::LabSecret;
use crate::lab::{LabError, Role, ServerId, Site, files};

/// The bucket of document 003.
pub(crate) const BUCKET: &str = "backup-agent-platform-prod";
/// Its copy in the other region.
pub(crate) const COPY: &str = "backup-agent-platform-prod-us-west-2";
/// What is kept for years, in an archive class.
pub(crate) const ARCHIVE: &str = "agent-platform-compliance-archive";

/// The region a site's endpoint stands for.
pub(crate) fn region(site: Site) -> &'static str {
    if site == Site::Primary { "us-east-1" } else { "us-west-2" }
}

/// The folder that holds every byte of it.
pub(crate) fn directory(lab: &Lab, site: Site) -> std::path::PathBuf {
    lab.layout.server(ServerId::new(site, Role::S3)).join("data")
}

/// Writes the options once.
pub(super) fn prepare(lab: &Lab, server: ServerId) -> Result<(), LabError> {
    let folder = lab.layout.server(server);
    let path = folder.join("s3.json");
    if path.exists() {
        return Ok(());
    }
    let account = lab.record.account.as_ref();
    let secret_file = folder.join("secret");
    files::replace(&secret_file, lab.secret(LabSecret::S3)?.as_bytes(), 0o600, account)?;
    let bucket = |name: &str, replicate_to: Option<&str>| BucketOptions {
        name: name.to_owned(),
        versioned: true,
        replicate_to: replicate_to.map(str::to_owned),
    };
    let dr = lab.address(ServerId::new(Site::Dr, Role::S3));
    let peer = Peer { bucket: COPY.to_owned(), endpoint: format!("http://{dr}"), region: region(Site::Dr).to_owned() };
    let (buckets, peers) = match server.site {
        Site::Primary => (vec![bucket(BUCKET, Some(COPY)), bucket(ARCHIVE, None)], vec![peer]),
        _ => (vec![bucket(COPY, None)], Vec::new()),
    };
    let options = Options {
        directory: directory(lab, server.site),
        listen: lab.address(server),
        region: region(server.site).to_owned(),
        access_key: lab.secret(LabSecret::S3AccessKey)?,
        secret_file,
        buckets,
        peers,
    };
    files::make_folder(&options.directory, 0o700, account)?;
    files::write_json(&path, &options, 0o600, account)
}

pub(super) fn launch(lab: &Lab, server: ServerId) -> Launch {
    Launch::new(&lab.record.program, lab.layout.server(server)).args(["lab", "serve", "s3", "s3.json"])
}

/// What can be changed while the endpoint of a site runs, as it is now.
pub(crate) fn settings(lab: &Lab, site: Site) -> Result<Settings, LabError> {
    Ok(files::read_json(&Settings::path(&directory(lab, site)))?.unwrap_or_default())
}

/// Changes what can be changed while the endpoint of a site runs.
pub(crate) fn change(lab: &Lab, site: Site, change: impl FnOnce(&mut Settings)) -> Result<(), LabError> {
    let mut settings = settings(lab, site)?;
    change(&mut settings);
    let path = Settings::path(&directory(lab, site));
    files::write_json(&path, &settings, 0o600, lab.record.account.as_ref())
}

/// Asks for the buckets without saying who asks; the refusal is the sign of life.
pub(super) async fn answers(lab: &Lab, server: ServerId) -> Result<(), String> {
    let client = reqwest::Client::builder().no_proxy().timeout(std::time::Duration::from_secs(5)).build();
    let client = client.map_err(|error| error.to_string())?;
    let asked = client.get(format!("http://{}/", lab.address(server))).send().await;
    asked.map(|_| ()).map_err(|error| error.without_url().to_string())
}
