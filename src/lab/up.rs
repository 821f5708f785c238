//! Making a lab, and bringing back what is missing of one.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::context::Lab;
use super::faults::{Applied, Ledger};
use super::lock::Lock;
use super::programs::{self, Programs};
use super::record::Record;
use super::servers::{self, Brought, s3};
use super::summary::{self, Summary};
use super::{
    LabError, Layout, Nodes, Role, ServerId, Site, certificates, clusters, config_files, down, events, files, making,
    packages, plan_file, populate, removal, secrets, signals,
};
use crate::text::Span;

/// What a lab is to be.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// The lab's folder.
    pub folder: PathBuf,
    /// How much data; 1 is some tens of megabytes.
    pub scale: f64,
    /// How many nodes the cache and the broker of a new lab's primary site have.
    pub nodes: Nodes,
    /// Whether missing packages are to be installed.
    pub install: bool,
    /// The program that serves what is embedded in Lifeboat; itself, if none is named.
    pub program: Option<PathBuf>,
    /// Where programs are looked for, instead of the usual folders.
    pub look_in: Option<Vec<PathBuf>>,
    /// How long an archived object takes to thaw from now on; as before, if nothing is said.
    pub thaw: Option<Span>,
}

impl LabOptions {
    /// The usual lab in `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> LabOptions {
        LabOptions {
            folder: folder.into(),
            scale: 1.0,
            nodes: Nodes::One,
            install: false,
            program: None,
            look_in: None,
            thaw: None,
        }
    }
}

/// One line of what `up` is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Since the start.
    pub after: Duration,
    /// What it is about: a server, or the lab.
    pub about: String,
    /// What happens to it.
    pub what: String,
}

/// Says what goes on.
pub(super) struct Voice<'a> {
    start: Instant,
    tell: &'a (dyn Fn(&Progress) + Sync),
}

impl Voice<'_> {
    pub(super) fn say(&self, about: &impl ToString, what: impl Into<String>) {
        (self.tell)(&Progress { after: self.start.elapsed(), about: about.to_string(), what: what.into() });
    }
}

/// Makes the lab in the given folder, or brings back what is missing of it.
///
/// Dropped in the middle, it leaves a lab that the next `up` completes and that `down` ends.
pub async fn up(options: &LabOptions, progress: &(dyn Fn(&Progress) + Sync)) -> Result<Summary, LabError> {
    let voice = Voice { start: Instant::now(), tell: progress };
    let layout = Layout::at(&options.folder);
    check_owner(&layout)?;
    removal::check_free(&layout)?;
    let programs = find_programs(options, &voice).await?;
    files::make_folder(layout.root(), 0o755, None)?;
    let _lock = Lock::take(&layout, "up")?;
    let (record, is_new) = match Record::load(&layout)? {
        Some(record) => (record, false),
        None => (making::record(&layout, options).inspect_err(|_| drop(removal::remove(&layout)))?, true),
    };
    let record = making::with_program(&layout, record, options)?;
    let lab = Lab::open(layout, record, programs)?;
    sweep(&lab, &Ledger::open(&lab.layout)?).await?;
    secrets::make(&lab.layout)?;
    making::netrc(&lab)?;
    let running: Vec<ServerId> = lab.servers().into_iter().filter(|id| lab.processes.alive(*id).is_some()).collect();
    if let Err(error) = Box::pin(start_all(&lab, options.thaw, &voice)).await {
        voice.say(&"lab", "ending what was started");
        down::end_all_but(&lab, &running).await;
        if let Ok(ledger) = Ledger::open(&lab.layout) {
            let _ = sweep(&lab, &ledger).await;
        }
        // Trying again would go on from there, but what is half-made takes the room that is missing.
        if is_new && error.is_full_disk() {
            let _ = removal::remove_sites(&lab.record, &lab.layout).and_then(|()| removal::remove(&lab.layout));
        }
        return Err(error);
    }
    plan_file::write(&lab, chrono::Utc::now())?;
    let mut ledger = Ledger::open(&lab.layout)?;
    ledger.settle(&lab).await?;
    let summary = Summary { faults: ledger.in_force(&lab.processes), ..summary::of(&lab) };
    let in_force: Vec<String> = summary.faults.iter().map(Applied::named).collect();
    events::record(&lab.layout, events::UP, "lab", json!({ "new": is_new, "in_force": in_force }));
    Ok(summary)
}

/// Somebody else's lab is refused before anything is touched.
pub(super) fn check_owner(layout: &Layout) -> Result<(), LabError> {
    use std::os::unix::fs::MetadataExt;
    let Ok(found) = std::fs::metadata(layout.root()) else { return Ok(()) };
    if found.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(LabError::NotYours { lab: layout.root().to_owned(), owner: found.uid() })
}

async fn find_programs(options: &LabOptions, voice: &Voice<'_>) -> Result<Programs, LabError> {
    let find = || match &options.look_in {
        Some(folders) => Programs::find(folders),
        None => Programs::find(&programs::usual_folders()),
    };
    let missing = match find() {
        Ok(programs) => return Ok(programs),
        Err(missing) => missing,
    };
    if !options.install || !rustix::process::geteuid().is_root() {
        return Err(LabError::Missing { missing });
    }
    let log = std::env::temp_dir().join(format!("lifeboat-install-{}.log", files::random_text(8)?));
    packages::install(&missing, &log, &|what| voice.say(&"packages", what)).await?;
    find().map_err(|missing| LabError::Missing { missing })
}

/// Finds servers that an interrupted run started without writing down which process they became, and ends
/// helpers that outlived it.
async fn sweep(lab: &Lab, ledger: &Ledger) -> Result<(), LabError> {
    let (strays, adopted) = lab.processes.adopt(&lab.record.id, &ledger.helpers());
    for stray in strays {
        signals::end(&stray, Signal::TERM, Duration::from_secs(2)).await;
    }
    adopted
}

async fn start_all(lab: &Lab, thaw: Option<Span>, voice: &Voice<'_>) -> Result<(), LabError> {
    making::sites(lab)?;
    let broker = async |site| {
        bring(lab, voice, ServerId::new(site, Role::Epmd)).await?;
        clusters::brokers(lab, voice, site).await?;
        populate::broker(lab, site).await
    };
    let stores = async {
        for site in [Site::Dr, Site::Primary] {
            bring(lab, voice, ServerId::new(site, Role::S3)).await?;
            if let Some(thaw) = thaw {
                s3::change(lab, site, |settings| settings.thaw = thaw)?;
            }
        }
        Ok(())
    };
    let papers = async {
        for site in [Site::Primary, Site::Dr] {
            certificates::prepare(lab, site, chrono::Utc::now())?;
            config_files::prepare(lab, site).await?;
        }
        voice.say(&"lab", "has its certificates and configuration files");
        Ok(())
    };
    let cache = clusters::cache(lab, voice);
    let outside = |role| ServerId::new(Site::Outside, role);
    let names = [outside(Role::Dns), outside(Role::Resolver)];
    let names = bring_all(lab, voice, &names);
    tokio::try_join!(broker(Site::Primary), broker(Site::Dr), database(lab, voice), cache, names, stores, papers)?;
    // Whoever watches comes last, or it would tell of applications that are only just being started.
    let watchers = [outside(Role::Alertmanager), outside(Role::Prometheus)];
    let apps = |site| applications(lab, voice, site);
    tokio::try_join!(apps(Site::Primary), apps(Site::Dr), bring_all(lab, voice, &watchers))?;
    Ok(())
}

/// The balancer after those behind it, which it would otherwise take for dead at its first look.
async fn applications(lab: &Lab, voice: &Voice<'_>, site: Site) -> Result<(), LabError> {
    bring_all(lab, voice, &lab.all_of(site, Role::App)).await?;
    bring(lab, voice, ServerId::new(site, Role::Balancer)).await
}

/// Brings several up at the same time.
pub(super) async fn bring_all(lab: &Lab, voice: &Voice<'_>, servers: &[ServerId]) -> Result<(), LabError> {
    futures_util::future::try_join_all(servers.iter().map(|server| bring(lab, voice, *server))).await.map(|_| ())
}

async fn database(lab: &Lab, voice: &Voice<'_>) -> Result<(), LabError> {
    bring(lab, voice, ServerId::new(Site::Primary, Role::Postgres)).await?;
    let what = if lab.is_done("database") { None } else { Some("has its schema and rows") };
    populate::database(lab).await?;
    if let Some(what) = what {
        voice.say(&ServerId::new(Site::Primary, Role::Postgres), what);
    }
    bring(lab, voice, ServerId::new(Site::Dr, Role::Postgres)).await
}

/// Brings one up, and says so.
pub(super) async fn bring(lab: &Lab, voice: &Voice<'_>, server: ServerId) -> Result<(), LabError> {
    let what = match servers::bring_up(lab, server).await? {
        Brought::Started => format!("serves at {}", lab.address(server)),
        Brought::WasRunning => format!("was running at {}", lab.address(server)),
        Brought::CameBack => format!("serves again at {}", lab.address(server)),
        Brought::Frozen => "is frozen; `lifeboat lab fault --undo` thaws it".to_owned(),
    };
    voice.say(&server, what);
    Ok(())
}
