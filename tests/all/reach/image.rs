//! A container image made from the packages of this machine's own Debian mirror, once for all tests.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Grows when what goes into the image changes, so that an older one is not taken for it.
const RECIPE: u32 = 1;

/// A running container, removed when it is dropped.
pub struct Box {
    pub name: String,
}

impl Box {
    /// Starts a container that runs this shell text; `None` (and why) where there can be none.
    pub fn start(text: &str) -> Option<Box> {
        Box::start_with(&["--network", "none"], text)
    }

    /// The same, made with these options.
    pub fn start_with(options: &[&str], text: &str) -> Option<Box> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let image = match image() {
            Ok(image) => image,
            Err(why) => {
                eprintln!("skipped: {why}");
                return None;
            }
        };
        let name = format!("lifeboat-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let container = Box { name };
        let arguments = [&["run", "-d", "--name", &container.name], options, &[&image, "sh", "-c", text]].concat();
        docker(&arguments).unwrap();
        Some(container)
    }

    /// What a command in it prints.
    #[cfg(feature = "lab")]
    pub fn run(&self, command: &[&str]) -> String {
        let output = docker(&[&["exec", &self.name], command].concat()).unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Box {
    fn drop(&mut self) {
        let _ = docker(&["rm", "-f", "-v", &self.name]);
    }
}

fn docker(arguments: &[&str]) -> Result<Output, String> {
    said(Command::new("docker").args(arguments))
}

fn said(command: &mut Command) -> Result<Output, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

fn image() -> Result<String, String> {
    docker(&["version", "--format", "{{.Server.Version}}"]).map_err(|why| format!("no container engine: {why}"))?;
    let release = std::fs::read_to_string("/etc/os-release").map_err(|error| error.to_string())?;
    let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME=")).unwrap_or_default();
    let image = format!("lifeboat-test-debian:{codename}-{RECIPE}");
    // Tests run in processes of their own: the first one builds, the others wait.
    let lock = std::env::temp_dir().join(format!("lifeboat-test-image-{}.lock", rustix::process::geteuid().as_raw()));
    let lock = File::create(lock).map_err(|error| error.to_string())?;
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).map_err(|error| error.to_string())?;
    sweep()?;
    if docker(&["image", "inspect", &image]).is_err() {
        build(&image, codename)?;
    }
    Ok(image)
}

/// Removes what tests left that were killed before they could.
fn sweep() -> Result<(), String> {
    let names = docker(&["ps", "-a", "--filter", "name=^/?lifeboat-test-", "--format", "{{.Names}}"])?;
    for name in String::from_utf8_lossy(&names.stdout).lines() {
        let owner = name.strip_prefix("lifeboat-test-").and_then(|rest| rest.split_once('-')).map(|(pid, _)| pid);
        if owner.is_some_and(|pid| pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()) {
            let _ = docker(&["rm", "-f", "-v", name]);
        }
    }
    Ok(())
}

fn build(image: &str, codename: &str) -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("only root can make an image with debootstrap".to_owned());
    }
    let mirror = mirror(codename)?;
    let folder = tempfile::Builder::new().prefix("lifeboat-image-").tempdir().map_err(|error| error.to_string())?;
    let root = folder.path().join("root");
    said(Command::new("debootstrap").args(["--variant=minbase", codename]).arg(&root).arg(mirror))?;
    let archive = folder.path().join("root.tar");
    said(
        Command::new("tar")
            .arg("-C")
            .arg(&root)
            .args(["--exclude=./var/cache/apt/*", "--exclude=./dev/*", "-cf"])
            .arg(&archive)
            .arg("."),
    )?;
    import(&archive, image)
}

fn import(archive: &Path, image: &str) -> Result<(), String> {
    said(Command::new("docker").arg("import").arg(archive).arg(image)).map(drop)
}

/// The mirror this machine itself installs from.
fn mirror(codename: &str) -> Result<String, String> {
    let format = "$(CODENAME)|$(SUITE)|$(RELEASE) $(REPO_URI)";
    let targets = said(Command::new("apt-get").args(["indextargets", "--format", format, "Created-By: Packages"]))?;
    let text = String::from_utf8_lossy(&targets.stdout).into_owned();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(names, _)| names.split('|').any(|name| name == codename))
        .map(|(_, mirror)| mirror.to_owned())
        .ok_or_else(|| format!("apt on this machine has no source for {codename}"))
}
