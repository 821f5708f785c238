//! Credentials with an end of their own: database logins, certificates of ssh keys, keys of a session.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Area, Check, Next, word};
use crate::plan::facts::Value;
use crate::plan::{Plan, SecretRef};
use crate::systems::mend;
use crate::text::instant::stamp;
use crate::watch::{Means, Picture};

/// What ends sooner may end before the next drill.
const SOON: TimeDelta = TimeDelta::days(14);
/// How long a password is good for where a rule says that it ends.
const ROTATION: TimeDelta = TimeDelta::days(90);
/// With what the access keys of a session begin, which nobody can renew but who made it.
const OF_A_SESSION: &[u8] = b"ASIA";

/// The logins to databases that end soon, as their servers tell.
pub(super) fn logins(picture: &Picture, now: DateTime<Utc>) -> Vec<Check> {
    let ends = |(component, seen): (&crate::plan::types::Component, &crate::watch::Seen)| {
        let Some(Value::Moment(ends)) = seen.fact("login_ends") else { return None };
        let mend = mend::renew_login(component, now + ROTATION);
        (*ends - now < SOON)
            .then(|| Check::wrong(Area::Credentials, &component.name, format!("its login ends {}", stamp(*ends)), mend))
    };
    picture.components().filter_map(ends).collect()
}

/// The certificates of this user's ssh keys that end soon.
pub(super) fn ssh_certificates(home: &Path, now: DateTime<Utc>) -> Vec<Check> {
    let files = std::fs::read_dir(home.join(".ssh")).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_one = |path: &std::path::PathBuf| path.to_string_lossy().ends_with("-cert.pub");
    let soon = files.filter(is_one).filter_map(|path| {
        let ends = valid_before(&std::fs::read_to_string(&path).ok()?).filter(|ends| *ends - now < SOON)?;
        let key = path.to_string_lossy().replace("-cert.pub", ".pub");
        let mend = Next::Mend(format!("ssh-keygen -s /path/to/user_ca -I lifeboat -V +52w {}", word(&key)));
        let why = format!("{} ends {}", path.display(), stamp(ends));
        Some(Check::wrong(Area::Credentials, "ssh certificate", why, mend))
    });
    soon.collect()
}

/// When a certificate in the form of OpenSSH ends; nothing where it never does.
fn valid_before(text: &str) -> Option<DateTime<Utc>> {
    let blob = BASE64.decode(text.split_whitespace().nth(1)?).ok()?;
    let mut rest = blob.as_slice();
    let kind = String::from_utf8_lossy(field(&mut rest)?).into_owned();
    let of_key = match kind.split("-cert-").next()? {
        "ssh-ed25519" => 1,
        "sk-ecdsa-sha2-nistp256" => 3,
        "ssh-dss" => 4,
        _ => 2,
    };
    // A nonce, then what the key is made of.
    for _ in 0..=of_key {
        field(&mut rest)?;
    }
    // Number and sort; for whom, and as whom.
    rest = rest.get(12..)?;
    field(&mut rest)?;
    field(&mut rest)?;
    let before = rest.get(8..16)?.try_into().ok().map(u64::from_be_bytes)?;
    DateTime::from_timestamp(i64::try_from(before).ok()?, 0)
}

/// The next field: its length, then itself.
fn field<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, behind) = rest.split_first_chunk::<4>()?;
    let (field, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = behind;
    Some(field)
}

/// The keys of the plan that belong to a session of hours.
pub(super) async fn sessions(plan: &Plan, means: &Means) -> Vec<Check> {
    let mut keys: Vec<&SecretRef> = plan.secrets().filter(|used| used.is_name).map(|used| used.secret).collect();
    keys.sort_by_key(ToString::to_string);
    keys.dedup();
    let mut checks = Vec::new();
    for key in keys {
        // What cannot be had is told where secrets are.
        let Ok(value) = means.contact().secrets.resolve_name(key).await else { continue };
        if value.expose().starts_with(OF_A_SESSION) {
            let why = format!("{key} is the key of a session: it ends within hours, and nobody here can renew it");
            let mend = Next::mend("aws iam create-access-key --user-name lifeboat");
            checks.push(Check::wrong(Area::Credentials, "session keys", why, mend));
        }
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate with these parts of a key, good until then.
    fn certificate(kind: &str, of_key: usize, before: u64) -> String {
        let mut blob = Vec::new();
        let mut put = |bytes: &[u8]| {
            blob.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            blob.extend(bytes);
        };
        put(kind.as_bytes());
        (0..=of_key).for_each(|_| put(b"nonce or part"));
        blob.extend([0; 12]);
        for text in [b"me".as_slice(), b"\0\0\0\x04root"] {
            blob.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
            blob.extend(text);
        }
        blob.extend(0_u64.to_be_bytes());
        blob.extend(before.to_be_bytes());
        format!("{kind} {} me@here", BASE64.encode(blob))
    }

    #[test]
    fn the_end_of_a_certificate_is_found_whatever_its_key_is_made_of() {
        for (kind, of_key) in [
            ("ssh-ed25519-cert-v01@openssh.com", 1),
            ("ssh-rsa-cert-v01@openssh.com", 2),
            ("ecdsa-sha2-nistp256-cert-v01@openssh.com", 2),
            ("sk-ssh-ed25519-cert-v01@openssh.com", 2),
            ("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 3),
        ] {
            let text = certificate(kind, of_key, 1_700_000_000);
            assert_eq!(valid_before(&text), DateTime::from_timestamp(1_700_000_000, 0), "{kind}");
            assert_eq!(valid_before(&certificate(kind, of_key, u64::MAX)), None, "{kind} for ever");
        }
        for broken in ["", "ssh-rsa", "ssh-rsa AAAA", "ssh-rsa !!", "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaA=="] {
            assert_eq!(valid_before(broken), None, "{broken}");
        }
    }

    #[test]
    fn only_what_ends_soon_is_told() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".ssh")).unwrap();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let put = |name: &str, days: u64| {
            let text = certificate("ssh-ed25519-cert-v01@openssh.com", 1, 1_700_000_000 + days * 86_400);
            std::fs::write(home.path().join(".ssh").join(name), text).unwrap();
        };
        put("id_soon-cert.pub", 3);
        put("id_late-cert.pub", 30);
        put("id_other.pub", 1);
        let checks = ssh_certificates(home.path(), now);
        assert_eq!(checks.len(), 1, "{checks:?}");
        let super::super::Outcome::Wrong { why, next: Next::Mend(mend) } = &checks[0].outcome else {
            panic!("{checks:?}")
        };
        assert!(why.contains("id_soon-cert.pub ends 2023-11-17") && mend.ends_with("id_soon.pub"), "{why} {mend}");
    }
}
