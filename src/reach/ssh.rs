//! The user's own OpenSSH: their configuration, keys and jump hosts, one shared connection a host, and
//! nothing that could ever ask a question.

use std::ffi::OsString;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::capture::Captured;
use super::error::ReachError;
use super::far::Wrapper;
use super::group::{self, Group};
use super::link::{Life, Link};
use super::outcome::Ending;
use super::quote::quote_all;
use crate::text::{Redactor, Shape, untrusted};

/// How long the shared connection stays open after its last use.
const PERSIST: &str = "60";
/// The longest path of a socket is 107 bytes; ssh adds 40 for the host and 17 while it creates it.
const LONGEST_FOLDER: usize = 107 - 40 - 17 - 10;

/// A host of the user's ssh configuration.
#[derive(Clone, Debug)]
pub(super) struct Ssh {
    pub(super) host: String,
    config: Option<PathBuf>,
    sockets: PathBuf,
    connect: Duration,
}

impl Ssh {
    pub(super) fn new(host: &str, config: Option<&Path>, connect: Duration) -> Result<Ssh, ReachError> {
        if host.is_empty() || host.starts_with('-') || host.contains(char::is_whitespace) {
            let why = "that is no name of a host".to_owned();
            return Err(ReachError::BadPlace { place: format!("ssh {}", untrusted(host, Shape::line(80))), why });
        }
        Ok(Ssh { host: host.to_owned(), config: config.map(Path::to_owned), sockets: sockets()?, connect })
    }

    /// Starts the wrapper at the host. ssh gets no terminal, no askpass program and no display: where it
    /// would ask, it fails.
    pub(super) fn connect(&self, wrapper: &Wrapper, redactor: &Redactor) -> Result<Link, ReachError> {
        let mut argv = self.base(&[]);
        argv.extend(["--".into(), self.host.clone().into()]);
        let mut remote = b"exec ".to_vec();
        remote.extend(quote_all(wrapper.argv()));
        argv.push(std::os::unix::ffi::OsStringExt::from_vec(remote));
        let (group, ends) = spawn(&argv, redactor)?;
        Ok(Link {
            stdin: ends.stdin.map(|stdin| Box::new(stdin) as _),
            stdout: Box::new(ends.stdout),
            stderr: Box::new(ends.stderr),
            life: Life::Process(group),
        })
    }

    /// Closes the shared connection, if there is one; commands that still use it lose theirs.
    pub(super) async fn close(&self, redactor: &Redactor) -> Result<(), ReachError> {
        let mut argv = self.base(&[]);
        argv.extend(["-O", "exit", "--", &self.host].map(OsString::from));
        let (mut group, _ends) = spawn(&argv, redactor)?;
        let _ = tokio::time::timeout(self.connect, group.wait()).await;
        Ok(())
    }

    /// What ssh and its helpers say when they try without a shared connection: with one, they keep what a
    /// jump host's ssh says to themselves.
    pub(super) async fn words(&self, redactor: &Redactor) -> Option<Captured> {
        let mut argv = self.base(&["ControlMaster=no", "ControlPath=none", "ControlPersist=no"]);
        argv.extend(["--", &self.host, "true"].map(OsString::from));
        let (mut group, mut ends) = spawn(&argv, redactor).ok()?;
        drop(ends.stdin.take());
        let mut said = Captured::new(8 * 1024);
        let mut piece = [0; 4096];
        let listen = async {
            while let Ok(count @ 1..) = ends.stderr.read(&mut piece).await {
                said.push(&piece[..count]);
            }
            group.wait().await
        };
        let ending = tokio::time::timeout(self.connect, listen).await;
        (!matches!(ending, Ok(Ok(Ending::Exited(0))))).then_some(said)
    }

    fn base(&self, first: &[&str]) -> Vec<OsString> {
        let mut argv: Vec<OsString> = vec!["ssh".into()];
        // Of several values for an option ssh takes the first.
        for option in first {
            argv.extend(["-o".into(), option.into()]);
        }
        if let Some(config) = &self.config {
            argv.extend(["-F".into(), config.clone().into_os_string()]);
        }
        let configuration = self.config.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let which = Sha256::digest(configuration.as_bytes());
        let socket =
            format!("ControlPath={}/{:02x}{:02x}{:02x}%C", self.sockets.display(), which[0], which[1], which[2]);
        let connect = format!("ConnectTimeout={}", self.connect.as_secs().max(1));
        let persist = format!("ControlPersist={PERSIST}");
        for option in [
            "BatchMode=yes",
            "NumberOfPasswordPrompts=0",
            "LogLevel=ERROR",
            "ServerAliveInterval=5",
            "ServerAliveCountMax=3",
            "ControlMaster=auto",
            "ClearAllForwardings=yes",
            "ForwardX11=no",
            "PermitLocalCommand=no",
            "RemoteCommand=none",
            "RequestTTY=no",
            &socket,
            &connect,
            &persist,
        ] {
            argv.extend(["-o".into(), option.into()]);
        }
        argv
    }
}

fn spawn(argv: &[OsString], redactor: &Redactor) -> Result<(Group, group::Ends), ReachError> {
    group::spawn(argv, true, redactor, |command| {
        command.env_remove("DISPLAY").env_remove("SSH_ASKPASS").env("SSH_ASKPASS_REQUIRE", "never");
    })
}

/// A short folder of our own for the sockets; whoever could write there could use our connections. In
/// `/tmp` somebody else may have taken the name, and nobody but them could remove it; at home nobody can.
fn sockets() -> Result<PathBuf, ReachError> {
    let below = |variable: &str, name: &str| std::env::var_os(variable).map(|folder| Path::new(&folder).join(name));
    let shared = PathBuf::from(format!("/tmp/lifeboat-{}", rustix::process::geteuid().as_raw()));
    let candidates = [below("XDG_RUNTIME_DIR", "lifeboat"), Some(shared), below("HOME", ".ssh/lifeboat")];
    first_private(candidates.into_iter().flatten())
}

/// The first of these folders that is, or can be made, one that only this user can enter.
fn first_private(candidates: impl Iterator<Item = PathBuf>) -> Result<PathBuf, ReachError> {
    let mut refused = Vec::new();
    for folder in candidates.filter(|folder| folder.is_absolute() && folder.as_os_str().len() <= LONGEST_FOLDER) {
        match private(&folder) {
            Ok(()) => return Ok(folder),
            Err(why) => refused.push(format!("{}: {why}", folder.display())),
        }
    }
    Err(ReachError::NoSockets { refused: untrusted(refused.join("; "), Shape::line(300)), longest: LONGEST_FOLDER - 9 })
}

fn private(folder: &Path) -> std::io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let meta = std::fs::symlink_metadata(folder)?;
    let own = meta.uid() == rustix::process::geteuid().as_raw();
    if !meta.is_dir() || !own || meta.permissions().mode() & 0o077 != 0 {
        let why = "it is not a folder that only this user can enter";
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, why));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_somebody_took_blocks_nobody() {
        let base = tempfile::Builder::new().prefix("s").tempdir_in("/tmp").unwrap();
        let at = |name: &str| base.path().join(name);
        std::fs::DirBuilder::new().mode(0o755).create(at("open")).unwrap();
        std::fs::DirBuilder::new().mode(0o700).create(at("own")).unwrap();
        std::os::unix::fs::symlink(at("own"), at("link")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        let unusable = ["open", "link", "file", "no/such", "a-name-that-is-far-too-long-for-a-socket"];
        let taken: Vec<PathBuf> = unusable.iter().map(|name| at(name)).collect();
        let found = first_private(taken.iter().cloned().chain([at("own"), at("new")])).unwrap();
        assert_eq!(found, at("own"));
        assert_eq!(first_private(taken.iter().cloned().chain([at("new")])).unwrap(), at("new"));
        assert_eq!(at("new").metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let error = first_private(taken.into_iter()).unwrap_err();
        assert!(error.to_string().contains("only this user can enter"), "{error}");
        assert!(crate::text::Explain::next_step(&error).contains("XDG_RUNTIME_DIR"), "{error:?}");
    }
}
