//! Secrets from variables, files and programs.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lifeboat::plan::SecretRef;
use lifeboat::reach::{Reach, Secret, SecretError, Secrets};
use lifeboat::text::{Explain, Redactor};

use super::checks::sh;

fn file(folder: &Path, content: &[u8], mode: u32) -> PathBuf {
    let path = folder.join(format!("secret-{mode:o}-{}", content.len()));
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

async fn resolve(reference: SecretRef) -> Result<Vec<u8>, SecretError> {
    Secrets::new(&Redactor::new()).resolve(&reference).await.map(|secret| secret.expose().to_vec())
}

fn command(argv: &[&str]) -> SecretRef {
    SecretRef::Command(argv.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn they_come_from_files_and_programs_and_are_redacted_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let redactor = Redactor::new();
    let secrets = Secrets::new(&redactor);
    let reference = SecretRef::File(file(folder.path(), b"from a file\r\n", 0o600));
    assert_eq!(secrets.resolve(&reference).await.unwrap().expose(), b"from a file");
    assert_eq!(redactor.redact("it is from a file!"), "it is [***]!");
    let SecretRef::File(path) = &reference else { unreachable!() };
    std::fs::remove_file(path).unwrap();
    assert_eq!(secrets.resolve(&reference).await.unwrap().expose(), b"from a file");
    secrets.forget(&reference);
    assert!(secrets.resolve(&reference).await.is_err());
    // What somebody else gave us cannot be had here.
    secrets.learn(reference.clone(), Secret::new(b"given by others".to_vec()).unwrap());
    secrets.forget(&reference);
    assert_eq!(secrets.resolve(&reference).await.unwrap().expose(), b"given by others");
    let reference = command(&["printf", "%s\\n", "it's from $HOME; \"a\" program"]);
    assert_eq!(secrets.resolve(&reference).await.unwrap().expose(), b"it's from $HOME; \"a\" program");
}

#[tokio::test]
async fn a_variable_is_taken_and_not_passed_on() {
    // A variable that every test process has, and that is long enough.
    let value = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let redactor = Redactor::new();
    let seen = || async {
        let output = Reach::here(&redactor).run(sh("printf %s \"$CARGO_MANIFEST_DIR\"")).await.unwrap();
        output.stdout.whole().unwrap().into_owned()
    };
    assert_eq!(seen().await, value.as_bytes());
    let secret = Secrets::new(&redactor).resolve(&SecretRef::Env("CARGO_MANIFEST_DIR".to_owned())).await.unwrap();
    assert_eq!(secret.expose_str(), Some(value.as_str()));
    assert_eq!(seen().await, b"");
    assert!(matches!(resolve(SecretRef::Env("NO_SUCH_VARIABLE_9".into())).await, Err(SecretError::NoVariable { .. })));
}

#[tokio::test]
async fn a_file_that_others_can_read_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o602] {
        let error = resolve(SecretRef::File(file(folder.path(), b"hunter2hunter2", mode))).await.unwrap_err();
        assert!(error.to_string().contains(&format!("{mode:04o}")), "{error}");
        assert!(error.next_step().starts_with("chmod 600 /"), "{}", error.next_step());
    }
    for mode in [0o600, 0o400] {
        assert!(resolve(SecretRef::File(file(folder.path(), b"hunter2hunter2", mode))).await.is_ok());
    }
}

#[tokio::test]
async fn what_is_no_secret_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").args(["-m", "600"]).arg(&pipe).status().unwrap().success());
    assert!(matches!(resolve(SecretRef::File(pipe)).await, Err(SecretError::NoFile { .. })));
    assert!(matches!(resolve(SecretRef::File(folder.path().into())).await, Err(SecretError::NoFile { .. })));
    assert!(matches!(resolve(SecretRef::File("/dev/zero".into())).await, Err(SecretError::NoFile { .. })));
    let missing = resolve(SecretRef::File(folder.path().join("missing"))).await.unwrap_err();
    assert!(missing.next_step().contains("chmod 600"), "{}", missing.next_step());
    let short = resolve(SecretRef::File(file(folder.path(), b"abcde\n", 0o600))).await.unwrap_err();
    assert!(matches!(short, SecretError::TooShort { .. }) && !short.to_string().contains("abcde"));
    let huge = resolve(SecretRef::File(file(folder.path(), &vec![b'x'; 70_000], 0o600))).await.unwrap_err();
    assert!(matches!(huge, SecretError::TooLong { .. }));
    if rustix::process::geteuid().is_root() {
        let foreign = file(folder.path(), b"hunter2hunter2!", 0o600);
        std::os::unix::fs::chown(&foreign, Some(12_345), None).unwrap();
        assert!(matches!(resolve(SecretRef::File(foreign)).await, Err(SecretError::Owner { owner: 12_345, .. })));
    } else {
        println!("skipped: only root can give a file to somebody else");
    }
}

#[tokio::test]
async fn a_program_that_fails_or_hangs_is_told_without_its_output() {
    let failing = command(&["sh", "-c", "echo hunter2hunter2; echo 'vault \x1b]0;sealed\x07' >&2; exit 2"]);
    let error = resolve(failing).await.unwrap_err().to_string();
    assert!(error.contains("exit code 2: vault \\x1b]0;sealed\\x07") && !error.contains("hunter2hunter2\n"), "{error}");
    let start = Instant::now();
    let secrets = Secrets::new(&Redactor::new()).deadline(Duration::from_secs(1));
    let error = secrets.resolve(&command(&["sh", "-c", "read x < /dev/tty; sleep 100"])).await.unwrap_err();
    assert!(error.to_string().contains("within 1s"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(8));
    let endless = resolve(command(&["sh", "-c", "head -c 9000000 /dev/zero"])).await.unwrap_err();
    assert!(matches!(endless, SecretError::TooLong { .. }), "{endless}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_delays_no_other_and_is_asked_once() {
    let folder = tempfile::tempdir().unwrap();
    let quick = SecretRef::File(file(folder.path(), b"hunter2hunter2", 0o600));
    let asked = folder.path().join("asked");
    let slow = command(&["sh", "-c", "echo >> \"$0\"; sleep 1000", &asked.display().to_string()]);
    let secrets = Secrets::new(&Redactor::new()).deadline(Duration::from_secs(4));
    let start = Instant::now();
    let quickly = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        secrets.resolve(&quick).await.unwrap();
        start.elapsed()
    };
    let (one, two, took) = tokio::join!(secrets.resolve(&slow), secrets.resolve(&slow), quickly);
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert!(one.is_err() && two.is_err());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert_eq!(std::fs::read(&asked).unwrap().len(), 1, "who waits for the same secret waits for the same attempt");
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets::new(&Redactor::new());
    let reference = SecretRef::File(folder.path().join("secret-600-14"));
    assert!(secrets.resolve(&reference).await.is_err());
    file(folder.path(), b"hunter2hunter2", 0o600);
    assert!(secrets.resolve(&reference).await.is_ok());
}

#[tokio::test]
async fn what_a_program_leaves_behind_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let child = folder.path().join("child");
    let leaves = command(&[
        "sh",
        "-c",
        "sleep 1000 <&- >&- 2>&- & echo $! > \"$0\"; echo hunter2hunter2",
        &child.display().to_string(),
    ]);
    assert_eq!(resolve(leaves).await.unwrap(), b"hunter2hunter2");
    let pid: u32 = std::fs::read_to_string(&child).unwrap().trim().parse().unwrap();
    let is_there = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.contains("(sleep)") && !stat.contains(") Z")
    };
    assert!(!is_there(), "process {pid} goes on");
}

#[tokio::test]
async fn what_only_names_who_asks_is_not_stripped_from_texts() {
    let folder = tempfile::tempdir().unwrap();
    let reference = SecretRef::File(file(folder.path(), b"lifeboat\n", 0o600));
    let redactor = Redactor::new();
    let secrets = Secrets::new(&redactor);
    assert_eq!(secrets.resolve_name(&reference).await.unwrap().expose(), b"lifeboat");
    assert_eq!(redactor.redact("/var/lib/lifeboat/x"), "/var/lib/lifeboat/x");
    // Who uses it as a secret makes it one.
    secrets.resolve(&reference).await.unwrap();
    assert_eq!(redactor.redact("/var/lib/lifeboat/x"), "/var/lib/[***]/x");
}
