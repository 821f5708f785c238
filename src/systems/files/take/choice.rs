//! Which files belong to a component, and which of them are secret.

use std::fs::File;
use std::os::unix::fs::FileExt;

use memchr::memmem;

use crate::plan::types::FilesSettings;
use crate::systems::files::pattern::fits;

/// Names of files that hold secrets in the open: settings of an environment, private keys, passwords.
const SECRET: [&str; 28] = [
    "*.env",
    "*.key",
    "*.key.*",
    "*-key.pem",
    "*_key.pem",
    "*-key.pem.*",
    "privkey*.pem",
    "private*.pem",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "ssh_host_*_key*",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.ppk",
    "*.kdbx",
    ".pgpass",
    ".netrc",
    ".my.cnf",
    ".htpasswd",
    "*.gpg-key",
    "*.key8",
    "*.p8",
    "*.pk8",
    "wg*.conf",
];
/// The same of a folder, whose files all are.
const ENVIRONMENT: &str = ".env*";
/// What private keys have in them, however the file is called.
pub const IN_KEYS: [&str; 2] = ["PRIVATE KEY-----", "AGE-SECRET-KEY-1"];
/// A key lies behind the certificates of its chain at most.
const LOOKED_INTO: usize = 64 * 1024;

/// What of a tree is wanted.
#[derive(Clone, Debug)]
pub struct Choice {
    include: Vec<String>,
    exclude: Vec<String>,
    /// The secret ones, or all others.
    secret: bool,
}

impl Choice {
    /// What the plan names of the files.
    pub fn of(settings: &FilesSettings, secret: bool) -> Choice {
        Choice { include: settings.include.clone(), exclude: settings.exclude.clone(), secret }
    }

    /// Whether everything below a folder can be left out.
    pub fn leaves_out(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == ".git" || self.exclude.iter().any(|pattern| fits(pattern, path))
    }

    /// Whether it belongs to the component.
    pub fn has(&self, path: &str) -> bool {
        let is_in = self.include.is_empty() || self.include.iter().any(|pattern| fits(pattern, path));
        is_in && !self.exclude.iter().any(|pattern| fits(pattern, path))
    }

    /// The patterns of the plan that name it.
    pub fn naming<'c>(&'c self, path: &'c str) -> impl Iterator<Item = &'c String> {
        self.include.iter().filter(move |pattern| fits(pattern, path))
    }

    /// Whether this is the part that is secret.
    pub fn is_of_secrets(&self) -> bool {
        self.secret
    }

    /// Whether it belongs to the component and to this part of it, by its name.
    pub fn wants(&self, path: &str) -> bool {
        self.has(path) && is_secret(path) == self.secret
    }

    /// Whether folders themselves are wanted, for those that are empty.
    pub fn wants_folder(&self, path: &str) -> bool {
        !self.secret && self.has(path)
    }
}

/// Whether a file holds secrets, by its name.
pub fn is_secret(path: &str) -> bool {
    let path = path.to_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_public = name.rsplit('.').next() == Some("pub");
    fits(ENVIRONMENT, &path) || (!is_public && SECRET.iter().any(|pattern| fits(pattern, name)))
}

/// Whether there is a private key in a file. One that cannot be read tells nothing.
pub fn holds_key(file: &File) -> bool {
    let mut begins = vec![0; LOOKED_INTO];
    let length = file.read_at(&mut begins, 0).unwrap_or(0);
    IN_KEYS.iter().any(|words| memmem::find(&begins[..length], words.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_known_by_its_name() {
        for name in [
            ".env",
            "app/.env.production",
            "prod.env",
            "certs/app.key",
            "le/privkey1.pem",
            ".ssh/id_rsa",
            ".ENV",
            ".env.d/production",
            "tls/SERVER.KEY",
            "tls/server.key.bak",
            "a/site.p12",
            ".pgpass",
            "id_ecdsa.old",
            "ssh_host_ed25519_key",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "app.conf",
            "certs/app.pem",
            "environment.yml",
            "keys.json",
            "id_rsa.pub",
            "ssh_host_rsa_key.pub",
            "keyboard.conf",
            "env/app.conf",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_key_is_known_by_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let holds = |text: &str| {
            std::fs::write(folder.path().join("f"), text).unwrap();
            holds_key(&File::open(folder.path().join("f")).unwrap())
        };
        assert!(holds("-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\n"));
        assert!(holds("# created\nAGE-SECRET-KEY-1QQ\n"));
        assert!(!holds("-----BEGIN PUBLIC KEY-----\n") && !holds(""));
    }

    #[test]
    fn each_file_is_in_one_of_both_parts() {
        let settings = FilesSettings { exclude: vec!["*.bak".to_owned()], ..FilesSettings::default() };
        let (open, secret) = (Choice::of(&settings, false), Choice::of(&settings, true));
        for (path, is) in [("a.conf", [true, false]), (".env", [false, true]), (".env.bak", [false, false])] {
            assert_eq!([open.wants(path), secret.wants(path)], is, "{path}");
        }
        assert!(open.leaves_out("x/.git") && open.leaves_out("old.bak") && !open.leaves_out("x"));
    }
}
