//! Which files belong to a component, and which of them are secret.

use crate::plan::types::FilesSettings;
use crate::systems::files::pattern::fits;

/// Names of files that hold secrets in the open: settings of an environment, private keys.
const SECRET: [&str; 8] = [".env*", "*.env", "*.key", "*-key.pem", "*_key.pem", "privkey*.pem", "id_rsa", "id_ed25519"];

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

    /// Whether it belongs to the component and to this part of it.
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
    let name = path.rsplit('/').next().unwrap_or(path);
    SECRET.iter().any(|pattern| fits(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_known_by_its_name() {
        for name in [".env", "app/.env.production", "prod.env", "certs/app.key", "le/privkey1.pem", ".ssh/id_rsa"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["app.conf", "certs/app.pem", "environment.yml", "keys.json", "id_rsa.pub"] {
            assert!(!is_secret(name), "{name}");
        }
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
