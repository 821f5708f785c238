//! Secrets that stand in the plan as values. Nothing here repeats one.

use std::collections::HashSet;

use super::secret_text::{in_list, in_value, is_secret_value, names_secret, secrets_in};
use crate::plan::names::nearest;
use crate::plan::source::{Node, Origin, Sources, Value};
use crate::plan::{Finding, Loaded, SecretRef};

/// Where secrets are kept by others; a value that begins so refers to one, and is none.
const KEPT_ELSEWHERE: [&str; 26] = [
    "vault",
    "op",
    "pass",
    "gopass",
    "aws",
    "gcp",
    "gcloud",
    "azure",
    "ssm",
    "secretsmanager",
    "secret",
    "secrets",
    "sops",
    "kms",
    "arn",
    "bw",
    "bitwarden",
    "keyring",
    "keychain",
    "doppler",
    "infisical",
    "conjur",
    "k8s",
    "kubernetes",
    "credential",
    "systemd",
];

/// What stands where a reference belongs.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A secret.
    Secret,
    /// A secret within an address.
    InAddress,
    /// A secret beside a user's name.
    InUser,
    /// A secret in what a channel posts to.
    InTarget,
    /// A reference that nothing here can follow.
    Reference,
}

/// A secret in the plan: what to underline, and what must never be shown.
struct Found {
    place: Origin,
    value: Origin,
    what: String,
    kind: Kind,
    /// Why a reference is none.
    why: String,
}

impl Found {
    fn new(place: Origin, value: Origin, what: String, kind: Kind) -> Found {
        Found { place, value, what, kind, why: String::new() }
    }
}

/// The findings of the reader, with those about values where references to secrets belong put into
/// words of their own, and all other secrets of the plan.
pub fn replace(loaded: &Loaded) -> Vec<Finding> {
    let secrets = find(&loaded.tree);
    let values: HashSet<Origin> = secrets.iter().map(|secret| secret.value).collect();
    let about_secret =
        |finding: &Finding| finding.rule == "wrong-value" && finding.places.iter().any(|(at, _)| values.contains(at));
    let others = loaded.findings.iter().filter(|finding| !about_secret(finding)).cloned();
    others.chain(secrets.iter().map(finding)).collect()
}

fn finding(secret: &Found) -> Finding {
    if secret.kind == Kind::Reference {
        return Finding::error("secret-reference", format!("{} is no reference that Lifeboat knows", secret.what))
            .at(secret.place, secret.why.clone())
            .because("nobody gets in with it on the night, as nothing here can follow it")
            .mend(
                "write env:NAME, file:/path or command:[\"program\", \"argument\"]; what another program keeps is \
                 asked for by that program: command:[\"vault\", \"kv\", \"get\", \"-field=password\", \"secret/db\"]",
            );
    }
    let mend = match secret.kind {
        Kind::InAddress => {
            "change the password, because it has been seen; take it out of the address and write beside it: \
             password = \"file:/etc/lifeboat/NAME\""
        }
        Kind::InUser => {
            "change the password, because it has been seen; leave the name alone in `user` and write beside it: \
             password = \"file:/etc/lifeboat/NAME\""
        }
        Kind::InTarget => {
            "change the secret, because it has been seen; take it out of `target` and write beside it: \
             secret = \"file:/etc/lifeboat/NAME\""
        }
        Kind::Secret | Kind::Reference => {
            "change the secret, because it has been seen, and name where it is found: \
             env:NAME, file:/path or command:[\"program\", \"argument\"]"
        }
    };
    Finding::error("secret-as-value", format!("{} holds a secret", secret.what))
        .at(secret.place, "the secret itself stands here")
        .because("the plan is printed, mailed and kept in git, so everybody who reads it can log in")
        .mend(mend)
}

/// The plan's files with every secret covered, each byte still in its place, to draw findings on.
pub fn without_secrets(loaded: &Loaded) -> Sources {
    let mut sources = loaded.sources.clone();
    let refused = loaded.findings.iter().filter(|finding| finding.message.contains(NO_REFERENCE));
    let refused = refused.flat_map(|finding| finding.places.iter().map(|(place, _)| *place));
    for value in find(&loaded.tree).into_iter().map(|secret| secret.value).chain(refused) {
        if let Some(file) = sources.get_mut(value.file)
            && let Some(text) = file.text.get(value.start..value.end)
        {
            let cover = |letter: char| match letter {
                '\n' | '"' | '\'' => letter.to_string(),
                letter => "*".repeat(letter.len_utf8()),
            };
            let covered: String = text.chars().map(cover).collect();
            file.text.replace_range(value.start..value.end, &covered);
        }
    }
    sources
}

/// What the reader says of a value that should be a reference.
const NO_REFERENCE: &str = "no reference to a secret";

fn find(tree: &Node) -> Vec<Found> {
    let mut found = Vec::new();
    let mut open = vec![tree];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Table(entries) => {
                for entry in entries {
                    let place = entry.key_origin.through(entry.node.origin);
                    look_at(&entry.key, &entry.node, place, &mut found);
                    open.push(&entry.node);
                }
            }
            Value::Array(nodes) => {
                arguments(nodes, &mut found);
                open.extend(nodes);
            }
            _ => {}
        }
    }
    found.sort_by_key(|secret| (secret.place.file, secret.place.start));
    found
}

/// The value of a key.
fn look_at(key: &str, node: &Node, place: Origin, found: &mut Vec<Found>) {
    let what = || format!("`{key}`");
    match &node.value {
        Value::Text(text) if names_secret(key) && is_secret_value(text) => found.push(match misunderstood(text) {
            Some(why) => Found { why, ..Found::new(place, node.origin, what(), Kind::Reference) },
            None => Found::new(place, node.origin, what(), Kind::Secret),
        }),
        Value::Integer(_) | Value::Float(_) if names_secret(key) => {
            found.push(Found::new(place, node.origin, what(), Kind::Secret));
        }
        Value::Array(nodes) if names_secret(key) => {
            let secrets = nodes.iter().filter(|node| node.text().is_some_and(is_secret_value));
            found.extend(secrets.map(|node| Found::new(node.origin, node.origin, what(), Kind::Secret)));
        }
        Value::Text(text) if !in_value(key, text).is_empty() => {
            let kind = match key {
                "address" => Kind::InAddress,
                "target" => Kind::InTarget,
                _ if secrets_in(text).is_empty() => Kind::InUser,
                _ => Kind::Secret,
            };
            found.push(Found::new(place, node.origin, what(), kind));
        }
        _ => {}
    }
}

/// Why a text that is meant as a reference is none. Never repeats more of it than its first word.
fn misunderstood(text: &str) -> Option<String> {
    let (scheme, _) = text.split_once(':')?;
    let refused = text.parse::<SecretRef>().err().map(|error| error.why());
    match scheme {
        // Whatever follows `env:` and is no name may be the secret itself.
        "env" => None,
        "file" | "command" => refused.map(str::to_owned),
        _ if KEPT_ELSEWHERE.contains(&scheme) => {
            Some(format!("{scheme}: is not known here; env:, file: and command: are"))
        }
        _ => nearest(scheme, ["file", "command"])
            .filter(|_| scheme.len() > 2)
            .map(|near| format!("did you mean {near}:?")),
    }
}

/// The elements of a list, which may be the arguments of a program.
fn arguments(nodes: &[Node], found: &mut Vec<Found>) {
    let texts: Vec<Option<&str>> = nodes.iter().map(Node::text).collect();
    let mut secrets = in_list(&texts);
    secrets.dedup_by_key(|(index, _)| *index);
    let places = secrets.into_iter().filter_map(|(index, _)| nodes.get(index)).map(|node| node.origin);
    found.extend(places.map(|place| Found::new(place, place, "an argument".to_owned(), Kind::Secret)));
}

#[cfg(test)]
mod tests;
