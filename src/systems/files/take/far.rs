//! The files of another place, packed by the `tar` that is there: of a list that was made, and chosen from, before.

use std::sync::{Arc, Mutex, PoisonError};

use memchr::memmem;

use super::choice::{Choice, IN_KEYS};
use super::report::Report;
use crate::plan::types::Component;
use crate::reach::{Command, Ending, Reach};
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tarball::walk;
use crate::systems::tee::{of_reader, proven, tee};
use crate::vault::Source;

/// The longest list of names that is read.
const MOST: usize = 64 * 1024 * 1024;
/// Larger than this, in blocks of 512 bytes, is no file of keys.
const LARGEST_WITH_KEY: &str = "-2048";
/// What `tar` says of files that changed under its hands, and of nothing worse.
const HARMLESS: [&str; 7] = [
    "file changed as we read it",
    "File removed before we read it",
    "Cannot stat: No such file or directory",
    "socket ignored",
    "Exiting with failure status due to previous errors",
    "Removing leading",
    "short read",
];

/// What is there of a component, by name, relative to its folder.
pub struct List {
    base: String,
    open: Vec<Vec<u8>>,
    secret: Vec<Vec<u8>>,
    /// What was passed over.
    pub report: Report,
}

/// Makes the list.
pub async fn list(
    component: &Component,
    path: &str,
    choices: [&Choice; 2],
    reach: &Reach,
    with: &Contact<'_>,
) -> Result<List, TakeError> {
    let [open, secret] = choices;
    let top = if path.is_empty() { "/" } else { path };
    let find = |kind: &[&str]| {
        let command = Command::new("find").arg("-H").arg(top).args(["-name", ".git", "-prune", "-o"]);
        command.args(kind.iter().copied()).arg("-print0").env("LC_ALL", "C").keep(2 * MOST)
    };
    let run = async |command: Command| reach.run(command.cancelled_by(with.stop.clone())).await?.ok();
    let found = run(find(&["(", "-type", "f", "-o", "-type", "l", ")"])).await?;
    let Some(text) = found.stdout.whole() else {
        let next = "name fewer of them in `files.include`, or run the job at that place";
        return Err(TakeError::refused(component, "there are more files than can be listed", next));
    };
    // The component may be one file, in the folder above.
    let is_file = *text == [path.as_bytes(), b"\0"].concat();
    let base = if is_file { path.rsplit_once('/').map_or("", |(base, _)| base) } else { path };
    let prefix = format!("{base}/");
    let base = if base.is_empty() { "/" } else { base };
    let mut list = List { base: base.to_owned(), open: Vec::new(), secret: Vec::new(), report: Report::default() };
    let keys = with_keys(component, top, reach, with).await?;
    let has_key = |name: &[u8]| keys.contains(&[prefix.as_bytes(), name].concat());
    for name in text.split(|byte| *byte == 0) {
        let Some(name) = name.strip_prefix(prefix.as_bytes()).filter(|name| !name.is_empty()) else { continue };
        let shown = String::from_utf8_lossy(name);
        let lies_outside = shown.match_indices('/').any(|(at, _)| open.leaves_out(&shown[..at]));
        if lies_outside {
            continue;
        }
        if open.has(&shown) {
            list.report.names(open.naming(&shown));
        }
        if open.wants(&shown) && !has_key(name) {
            list.open.push([b"./", name].concat());
        } else if secret.wants(&shown) || open.wants(&shown) {
            list.secret.push([b"./", name].concat());
        }
    }
    list.report.secret = list.secret.len() as u64;
    Ok(list)
}

/// The paths of files that have a private key in them, whatever they are called.
async fn with_keys(component: &Component, top: &str, reach: &Reach, with: &Contact<'_>) -> Result<Paths, TakeError> {
    let find = Command::new("find").arg("-H").arg(top).args(["-name", ".git", "-prune", "-o", "-type", "f"]);
    let find = find.args(["-size", LARGEST_WITH_KEY, "-exec", "grep", "-lF"]);
    let find = IN_KEYS.iter().fold(find, |find, words| find.args(["-e", words])).args(["{}", "+"]);
    let find = find.env("LC_ALL", "C").keep(2 * MOST).cancelled_by(with.stop.clone());
    let found = reach.run(find).await?;
    let said = found.stderr.shown(&with.reach.redactor, 100_000);
    let is_missing = |line: &str| line.contains("grep") && !line.starts_with("grep:");
    let refused = |why| TakeError::refused(component, why, "install `grep` there, or run the job at that place");
    if said.lines().any(is_missing) {
        return Err(refused("it cannot be told which of its files hold private keys: there is no grep"));
    }
    // It ends with 1 where one of the files, or of the last of them, has none.
    let found = if matches!(found.ending, Ending::Exited(1)) { found } else { found.ok()? };
    let text = found.stdout.whole().ok_or_else(|| refused("too many of its files hold private keys"))?;
    Ok(Paths(text.into_owned()))
}

/// Paths, a line each; some have an end of a line in them.
struct Paths(Vec<u8>);

impl Paths {
    fn contains(&self, path: &[u8]) -> bool {
        let line = [path, b"\n"].concat();
        memmem::find_iter(&self.0, &line).any(|at| at == 0 || self.0[at - 1] == b'\n')
    }
}

impl List {
    /// How many names there are in each part.
    pub fn counts(&self) -> [usize; 2] {
        [self.open.len(), self.secret.len()]
    }

    /// Packs one part of it: the source, and what will have become of the files when it has ended.
    pub async fn pack(
        &self,
        component: &Component,
        is_secret: bool,
        reach: &Reach,
        with: &Contact<'_>,
    ) -> Result<(Source, Arc<Mutex<Report>>), TakeError> {
        let names = if is_secret { &self.secret } else { &self.open };
        // The small `tar` of small systems knows no NUL, the large one takes backslashes for its own without it.
        let is_plain = names.iter().all(|name| !name.contains(&b'\n') && !name.contains(&b'\\'));
        let end = if is_plain { b'\n' } else { 0 };
        let listed: Vec<u8> = names.iter().flat_map(|name| name.iter().copied().chain([end])).collect();
        let command = Command::new("tar").args(["-C", &self.base]).args((!is_plain).then_some("--null"));
        let command = command.args(["-cf", "-", "-T", "-"]).stdin_bytes(listed).env("LC_ALL", "C").keep(1024 * 1024);
        let mut running = reach.stream(command.cancelled_by(with.stop.clone())).await?;
        let stdout = running.take_stdout().ok_or_else(|| TakeError::ours("the output of tar cannot be read"))?;
        let report = Arc::new(Mutex::new(Report::default()));
        let (name, wanted) = (component.name.clone(), names.len() as u64);
        let (source, told) = tee(of_reader(stdout), move |tap| {
            let mut report = Report::default();
            let walked = walk(tap, |member| match member.kind {
                b'2' => report.links += 1,
                b'5' => report.folders += 1,
                _ => {
                    report.files += 1;
                    report.bytes += member.size;
                }
            });
            walked.map(|()| report).map_err(|why| TakeError::flawed(&name, why))
        });
        let (filled, redactor, name) = (Arc::clone(&report), with.reach.redactor.clone(), component.name.clone());
        let proof = async move {
            let output = running.wait().await;
            let said = output.stderr.shown(&redactor, 100_000);
            let harmless = |line: &str| HARMLESS.iter().any(|words| line.contains(words));
            let is_harmless = matches!(output.ending, Ending::Exited(1 | 2)) && said.lines().all(harmless);
            if !output.is_ok() && (!is_harmless || said.is_empty()) {
                output.ok()?;
            }
            let mut report = told.await.map_err(|_| TakeError::flawed(&name, "tar did not come to its end"))?;
            for line in said.lines().filter(|line| harmless(line) && line.contains("./")) {
                report.note("what tar says of files that changed or went", line.as_bytes());
            }
            if report.files + report.links < wanted && said.is_empty() {
                let packed = report.files + report.links;
                return Err(TakeError::flawed(
                    &name,
                    format!("tar packed {packed} of {wanted} files and said nothing"),
                ));
            }
            *filled.lock().unwrap_or_else(PoisonError::into_inner) = report;
            Ok(())
        };
        Ok((proven(source, proof), report))
    }
}
