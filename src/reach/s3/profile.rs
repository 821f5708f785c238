//! Keys in the files that every client of AWS reads.

use std::path::{Path, PathBuf};

use super::keys::Keys;
use super::surroundings::Surroundings;
use crate::plan::regular;
use crate::reach::Secret;

/// Far more than anybody's profiles.
const LARGEST: usize = 1 << 20;

/// The keys of the profile that the variables name, if they are in one of the files; in words if a file cannot be
/// read, or lacks what a variable names.
pub(super) fn keys(variables: &Surroundings) -> Result<Option<Keys>, String> {
    let named = variables.variable("AWS_PROFILE");
    let profile = named.as_deref().unwrap_or("default");
    let home = variables.variable("HOME").map(PathBuf::from);
    let file = |variable: &str, name: &str| {
        let told = variables.variable(variable).map(PathBuf::from);
        told.or_else(|| home.as_ref().map(|home| home.join(".aws").join(name)))
    };
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials").map(|file| (file, profile.to_owned()));
    let section = if profile == "default" { profile.to_owned() } else { format!("profile {profile}") };
    let config = file("AWS_CONFIG_FILE", "config").map(|file| (file, section));
    for (path, section) in credentials.into_iter().chain(config) {
        if let Some(keys) = read(&path)?.and_then(|text| parse(&text, &section)) {
            return Ok(Some(keys));
        }
    }
    match named {
        Some(_) => Err("the profile in AWS_PROFILE has no keys".to_owned()),
        None => Ok(None),
    }
}

fn read(path: &Path) -> Result<Option<String>, String> {
    match regular::text(path, LARGEST) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// The keys of one section.
fn parse(text: &str, section: &str) -> Option<Keys> {
    let (mut access, mut secret, mut token) = (None, None, None);
    let mut is_it = false;
    for line in text.lines() {
        // What is indented belongs to the line above.
        if line.starts_with([' ', '\t', '#', ';']) {
            continue;
        }
        if let Some(name) = line.trim_end().strip_prefix('[').and_then(|line| line.split_once(']')) {
            is_it = name.0.split_whitespace().eq(section.split_whitespace());
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| is_it) else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "aws_access_key_id" => access = Some(value),
            "aws_secret_access_key" => secret = Some(value),
            "aws_session_token" => token = Some(value),
            _ => {}
        }
    }
    let hidden = |text: &str| Secret::new(text.as_bytes().to_vec()).ok();
    Some(Keys::new(access.filter(|access| !access.is_empty())?, hidden(secret?)?, token.and_then(hidden)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# mine\n[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key=a/secret+with=signs\n\n\
        [ other ]\nregion = eu-west-1\naws_access_key_id=AKIAOTHER\naws_secret_access_key = other-secret\n\
        aws_session_token = a-session\ns3 =\n  aws_access_key_id = nobody\n[empty]\nregion = x\n";

    #[test]
    fn a_section_is_read_by_its_name() {
        let keys = parse(FILE, "default").unwrap();
        assert_eq!((keys.access.as_str(), keys.secret.expose_str().unwrap()), ("AKIADEFAULT", "a/secret+with=signs"));
        assert!(keys.token.is_none());
        let keys = parse(FILE, "other").unwrap();
        assert_eq!((keys.access.as_str(), keys.token.unwrap().expose_str().unwrap()), ("AKIAOTHER", "a-session"));
        assert!(parse(FILE, "empty").is_none() && parse(FILE, "missing").is_none());
    }

    #[test]
    fn the_files_are_found_as_everybody_finds_them() {
        let home = tempfile::tempdir().unwrap();
        let of = |profile: Option<&'static str>| {
            let home = home.path().display().to_string();
            keys(&Surroundings::new(move |name| match name {
                "HOME" => Some(home.clone()),
                "AWS_PROFILE" => profile.map(str::to_owned),
                _ => None,
            }))
        };
        assert!(of(None).unwrap().is_none());
        std::fs::create_dir(home.path().join(".aws")).unwrap();
        std::fs::write(home.path().join(".aws/config"), FILE.replace("[ other ]", "[profile other]")).unwrap();
        assert_eq!(of(Some("other")).unwrap().unwrap().access, "AKIAOTHER");
        std::fs::write(home.path().join(".aws/credentials"), FILE).unwrap();
        assert_eq!(of(None).unwrap().unwrap().access, "AKIADEFAULT");
        assert!(of(Some("missing")).unwrap_err().contains("AWS_PROFILE"));
    }
}
