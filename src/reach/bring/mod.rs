//! Brings our own program to a place, so that work is done there: into a folder of the user's, under a temporary name,
//! checked by its hash, and only where that hash does not lie there already.

mod program;

use std::path::PathBuf;
use std::time::Duration;

use program::{Program, beside};

use super::Reach;
use super::command::Command;
use super::error::ReachError;
use crate::text::{Shape, Size, untrusted};

const LOOK: &str = include_str!("look.sh");
const PUT: &str = include_str!("put.sh");
/// How long looking, and starting what was brought, may take.
const SOON: Duration = Duration::from_mins(1);
/// A slow line gets so long for a program.
const COPYING: Duration = Duration::from_mins(15);
const STATIC: &str = "README's section \"For packages\" makes a static program that runs on any Linux of a processor";

/// What a place has for our program.
#[derive(Debug, Default, PartialEq, Eq)]
struct Looked {
    /// Where it lies already.
    has: Option<String>,
    /// Folders that could take it, and how many bytes each has free, where that is known.
    free: Vec<(String, Option<u64>)>,
    /// Folders that cannot, with why.
    unusable: Vec<String>,
    cannot_add_up: bool,
}

impl Reach {
    /// Our own program at this place: where it lies there, checked and able to run.
    pub async fn bring(&self) -> Result<PathBuf, ReachError> {
        let machine = self.run(Command::new("uname").arg("-m").deadline(SOON)).await?.ok()?;
        let processor = untrusted(machine.stdout.end().trim_ascii(), Shape::line(40));
        let wanted = processor.clone();
        let program = tokio::task::spawn_blocking(move || Program::of(&wanted)).await;
        let program = program.map_err(std::io::Error::other).and_then(|program| program);
        let program =
            program.map_err(|error| self.not_brought(format!("our own program cannot be read: {error}"), LOST))?;
        if program.processor != processor {
            let why = format!("our program is for {}, and that place has {processor}", program.processor);
            let next = format!("Put a program for it beside this one, named {}: {STATIC}.", beside(&processor));
            return Err(self.not_brought(why, next));
        }
        let looked = self.look(&program).await?;
        let path = match &looked.has {
            Some(path) => path.clone(),
            None => self.put(&program, &looked).await?,
        };
        self.runs(&path, &processor).await?;
        Ok(PathBuf::from(path))
    }

    async fn look(&self, program: &Program) -> Result<Looked, ReachError> {
        let command = Command::new("sh").args(["-c", LOOK, "lifeboat", &program.hash]).deadline(SOON);
        let output = self.run(command).await?;
        if output.ending.is_known() && !output.is_ok() {
            let said = output.stderr.shown(&self.redactor, 300);
            return Err(self.not_brought(untrusted(said, Shape::line(300)), FOLDER));
        }
        let output = output.ok()?;
        let looked = Looked::read(&String::from_utf8_lossy(&output.stdout.end()));
        if looked.cannot_add_up {
            return Err(
                self.not_brought("there is no sha256sum to check it with".to_owned(), "Install coreutils there.")
            );
        }
        Ok(looked)
    }

    /// Copies it into the first folder that has room for it.
    async fn put(&self, program: &Program, looked: &Looked) -> Result<String, ReachError> {
        let (mut why, mut is_full) = (looked.unusable.clone(), false);
        for (folder, free) in &looked.free {
            let shown = untrusted(folder, Shape::line(120));
            if free.is_some_and(|free| free < program.size) {
                is_full = true;
                why.push(format!("{shown} has no room for {}", Size(program.size).approx()));
                continue;
            }
            let file = tokio::fs::File::open(&program.path).await;
            let file = file.map_err(|source| ReachError::File { path: program.path.clone(), source })?;
            let command = Command::new("sh").args(["-c", PUT, "lifeboat", folder, &program.hash]);
            let output = self.run(command.stdin_stream(file).deadline(COPYING).env("LC_ALL", "C")).await?;
            if output.is_ok() {
                return Ok(format!("{folder}/{}", program.hash));
            }
            if !output.ending.is_known() {
                output.ok()?;
                continue;
            }
            let said = output.stderr.shown(&self.redactor, 200);
            is_full |= said.contains("No space left") || said.contains("quota");
            why.push(format!("{shown}: {}", untrusted(said, Shape::line(200))));
        }
        let next = if is_full {
            "Make room there for this user: in ~/.cache, /var/tmp or /tmp.".to_owned()
        } else {
            FOLDER.to_owned()
        };
        Err(self.not_brought(format!("no folder there takes it: {}", why.join("; ")), next))
    }

    async fn runs(&self, path: &str, processor: &str) -> Result<(), ReachError> {
        let output = self.run(Command::new(path).arg("--version").deadline(SOON)).await?;
        let version = format!("lifeboat {}", env!("CARGO_PKG_VERSION"));
        let said = String::from_utf8_lossy(&output.stdout.end()).into_owned();
        if output.is_ok() && said.starts_with(&version) {
            return Ok(());
        }
        let (why, next) = if output.is_ok() {
            let said = untrusted(said.trim(), Shape::line(80));
            (
                format!("it says that it is {said}, and this is {version}"),
                "Put one of the same version beside this program.".to_owned(),
            )
        } else {
            let said = untrusted(output.stderr.shown(&self.redactor, 300), Shape::line(300));
            let next = format!("{STATIC}; put it beside this one, named {}.", beside(processor));
            (format!("our program does not run there: {} {said}", output.ending), next)
        };
        Err(self.not_brought(why, next))
    }

    fn not_brought(&self, why: String, next: impl Into<String>) -> ReachError {
        ReachError::NotBrought { place: self.place.clone(), why, next: next.into() }
    }
}

const FOLDER: &str =
    "Give this user a folder there that it may write to, on a disk that lets programs run: ~/.cache will do.";
const LOST: &str = "Start this program anew from where it is installed.";

impl Looked {
    fn read(text: &str) -> Looked {
        let mut looked = Looked::default();
        for line in text.lines() {
            match line.split_once(' ') {
                Some(("have", path)) => looked.has = Some(path.to_owned()),
                Some(("free", rest)) => {
                    let (free, folder) = rest.split_once(' ').unwrap_or((rest, ""));
                    let free = free.parse::<u64>().ok().filter(|free| *free > 0).map(|free| free * 1024);
                    looked.free.push((folder.to_owned(), free));
                }
                Some(("noexec", folder)) => looked.unusable.push(format!("{} lets no program run", shown(folder))),
                Some(("unwritable", folder)) => looked.unusable.push(format!("{} cannot be written", shown(folder))),
                _ => looked.cannot_add_up |= line == "nosum",
            }
        }
        looked
    }
}

fn shown(folder: &str) -> String {
    untrusted(folder, Shape::line(120))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::path::Path;

    use super::*;

    /// What the script says where only a folder that is shared with others is left.
    fn looked(shared: &Path) -> String {
        let script = LOOK.replace("/var/tmp /tmp", &shared.display().to_string());
        assert_ne!(script, LOOK);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &script, "lifeboat", "0badc0de"]).env_remove("HOME").env_remove("XDG_CACHE_HOME");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    #[test]
    fn nobody_else_may_own_the_folder_above_the_program() {
        let (shared, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let uid = rustix::process::geteuid();
        let own = shared.path().join(format!("lifeboat-{}", uid.as_raw()));
        let said = looked(shared.path());
        assert!(said.starts_with("free ") && said.contains(&format!("{}/bin", own.display())), "{said}");
        std::fs::set_permissions(&own, PermissionsExt::from_mode(0o777)).unwrap();
        assert!(looked(shared.path()).starts_with("free "));
        assert_eq!(std::fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o700);
        // As root another can own it; everybody can lead it elsewhere.
        if uid.is_root() {
            chown(&own, Some(65_534), None).unwrap();
            assert_eq!(looked(shared.path()), format!("unwritable {}\n", own.display()));
        }
        std::fs::remove_dir_all(&own).unwrap();
        std::fs::create_dir(other.path().join("bin")).unwrap();
        symlink(other.path(), &own).unwrap();
        assert_eq!(looked(shared.path()), format!("unwritable {}\n", own.display()));
    }
}
