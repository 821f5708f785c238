//! Committing what changed of a component's files, where they live, and pushing it to where the plan keeps it.
//!
//! Only its own files: what somebody else has staged stays as it is. No hook of the repository is run.

use std::path::Path;
use std::time::Duration;

use crate::plan::Place;
use crate::plan::types::FilesSettings;
use crate::reach::{Command, Output, Reach};
use crate::systems::contact::Contact;

/// How long git may take for one thing; a push goes over the network.
const PATIENCE: Duration = Duration::from_mins(5);
/// How many bytes of names of changed files are taken.
const NAMES: usize = 4 * 1024 * 1024;

/// What is committed, and where to.
pub struct Committing<'a> {
    /// The folder of the files.
    pub folder: &'a Path,
    /// Where that is.
    pub place: &'a Place,
    /// Which files in it; all if nothing is said.
    pub files: Option<&'a FilesSettings>,
    /// The repository that it is pushed to; another one than that of the folder.
    pub remote: Option<&'a str>,
    /// What the commit says.
    pub message: &'a str,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The commit, and how many files it holds; nothing where nothing had changed.
    pub commit: Option<(String, usize)>,
    /// Whether the other repository has all of it now.
    pub pushed: bool,
}

/// Commits and pushes. Why not is a sentence; what was committed before a push failed is in it.
pub async fn commit(what: &Committing<'_>, with: &Contact<'_>) -> Result<Committed, String> {
    let reach = Reach::open(what.place, with.reach).await.map_err(|error| error.to_string())?;
    let git = Git { what, reach, with };
    let top = git.text(git.command(&["rev-parse", "--show-toplevel"])).await?;
    let commit = git.commit().await?;
    // Also without a commit: what could not be pushed before may be now.
    let remote = what.remote.filter(|remote| remote.trim_end_matches('/') != top);
    if let Some(remote) = remote {
        let push = git.command(&["push", "--quiet", "--", remote, "HEAD"]);
        git.ok(push).await.map_err(|why| match &commit {
            Some((id, _)) => format!("{id} was committed, and not pushed: {why}"),
            None => format!("nothing had changed, and what was committed before was not pushed: {why}"),
        })?;
    }
    Ok(Committed { commit, pushed: remote.is_some() })
}

struct Git<'a> {
    what: &'a Committing<'a>,
    reach: Reach,
    with: &'a Contact<'a>,
}

impl Git<'_> {
    async fn commit(&self) -> Result<Option<(String, usize)>, String> {
        let list = self.command(&["ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard", "--"]);
        let list = self.ok(list.args(self.pathspecs()).keep(NAMES)).await?;
        let names = list.stdout.whole().ok_or("more files have changed than can be committed at once")?.into_owned();
        let staged = self.command(&["diff", "--cached", "--name-only", "--relative", "-z", "--"]);
        let staged = self.ok(staged.args(self.pathspecs()).keep(NAMES)).await?;
        let staged = staged.stdout.whole().ok_or("more files are staged than can be committed at once")?.into_owned();
        let mut changed: Vec<&[u8]> = names.split(|b| *b == 0).chain(staged.split(|b| *b == 0)).collect();
        changed.retain(|name| !name.is_empty());
        changed.sort_unstable();
        changed.dedup();
        if changed.is_empty() {
            return Ok(None);
        }
        let input = changed.join(&0);
        let from_input = ["--pathspec-from-file=-", "--pathspec-file-nul"];
        let add = self.command(&["add", "--all"]).args(from_input).stdin_bytes(input.clone());
        self.ok(add).await?;
        let commit = self.command(&["commit", "--quiet", "--no-gpg-sign", "--message", self.what.message, "--only"]);
        let said = self.run(commit.args(from_input).stdin_bytes(input)).await?;
        // A file that was touched, and says what it said before.
        let is_same = String::from_utf8_lossy(&said.stdout.end()).contains("nothing");
        if !said.is_ok() && is_same {
            return Ok(None);
        }
        said.ok().map_err(|error| error.to_string())?;
        let id = self.text(self.command(&["rev-parse", "--short=12", "HEAD"])).await?;
        let show = self.command(&["diff-tree", "--root", "--no-commit-id", "--name-only", "-r", "-z", "HEAD"]);
        let count = self
            .ok(show.keep(NAMES))
            .await?
            .stdout
            .whole()
            .map_or(changed.len(), |names| names.split(|b| *b == 0).filter(|name| !name.is_empty()).count());
        Ok(Some((id, count)))
    }

    /// The patterns of the plan as git understands them: one without a slash is a name in any folder, and a folder
    /// stands for everything in it.
    fn pathspecs(&self) -> Vec<String> {
        let both = |magic: &str, pattern: &str| {
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            let anywhere = if pattern.contains('/') { "" } else { "**/" };
            [format!(":({magic}){anywhere}{pattern}"), format!(":({magic}){anywhere}{pattern}/**")]
        };
        let (include, exclude) = self.what.files.map_or((&[][..], &[][..]), |files| (&files.include, &files.exclude));
        let mut specs: Vec<String> = include.iter().flat_map(|pattern| both("glob", pattern)).collect();
        if specs.is_empty() {
            specs.push(".".to_owned());
        }
        specs.extend(exclude.iter().flat_map(|pattern| both("exclude,glob", pattern)));
        specs
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let command = Command::new("git").args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C"]);
        let mut command = command.arg(self.what.folder).args(arguments.iter().copied());
        // Whose commits these are is plain to see, whatever account they are made with.
        let mail = format!("lifeboat@{}", rustix::system::uname().nodename().to_string_lossy());
        for (name, value) in [
            ("GIT_AUTHOR_NAME", "Lifeboat"),
            ("GIT_AUTHOR_EMAIL", &mail),
            ("GIT_COMMITTER_NAME", "Lifeboat"),
            ("GIT_COMMITTER_EMAIL", &mail),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
            ("LC_ALL", "C"),
        ] {
            command = command.env(name, value);
        }
        command.deadline(PATIENCE).cancelled_by(self.with.stop.clone())
    }

    async fn run(&self, command: Command) -> Result<Output, String> {
        self.reach.run(command).await.map_err(|error| error.to_string())
    }

    async fn ok(&self, command: Command) -> Result<Output, String> {
        self.run(command).await?.ok().map_err(|error| error.to_string())
    }

    async fn text(&self, command: Command) -> Result<String, String> {
        let said = self.ok(command).await?;
        Ok(String::from_utf8_lossy(&said.stdout.end()).trim().to_owned())
    }
}
