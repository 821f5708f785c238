//! Secrets that stand in the plan as values. Nothing here repeats one.

use super::secret_text::{is_secret_value, names_secret, secrets_in, takes_secret};
use crate::plan::source::{Node, Origin, Sources, Value};
use crate::plan::{Finding, Loaded};

/// A secret in the plan: what to underline, and what must never be shown.
struct Found {
    place: Origin,
    value: Origin,
    what: String,
}

/// The findings of the reader, with those about values where references to secrets belong put into
/// words of their own, and all other secrets of the plan.
pub fn replace(loaded: &Loaded) -> Vec<Finding> {
    let secrets = find(&loaded.tree);
    let about_secret = |finding: &Finding| {
        finding.rule == "wrong-value"
            && finding.places.iter().any(|(place, _)| secrets.iter().any(|secret| secret.value == *place))
    };
    let others = loaded.findings.iter().filter(|finding| !about_secret(finding)).cloned();
    others.chain(secrets.iter().map(finding)).collect()
}

fn finding(secret: &Found) -> Finding {
    Finding::error("secret-as-value", format!("{} holds a secret", secret.what))
        .at(secret.place, "the secret itself stands here")
        .because("the plan is printed, mailed and kept in git, so everybody who reads it can log in")
        .mend(
            "change the secret, because it has been seen, and name where it is found: \
             env:NAME, file:/path or command:[\"program\", \"argument\"]",
        )
}

/// The plan's files with every secret covered, each byte still in its place, to draw findings on.
pub fn without_secrets(loaded: &Loaded) -> Sources {
    let mut sources = loaded.sources.clone();
    for secret in find(&loaded.tree) {
        if let Some(file) = sources.get_mut(secret.value.file)
            && let Some(text) = file.text.get(secret.value.start..secret.value.end)
        {
            let cover = |letter: char| match letter {
                '\n' | '"' | '\'' => letter.to_string(),
                letter => "*".repeat(letter.len_utf8()),
            };
            let covered: String = text.chars().map(cover).collect();
            file.text.replace_range(secret.value.start..secret.value.end, &covered);
        }
    }
    sources
}

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
    match &node.value {
        Value::Text(text) if names_secret(key) && is_secret_value(text) => {
            found.push(Found { place, value: node.origin, what: format!("`{key}`") });
        }
        Value::Integer(_) | Value::Float(_) if names_secret(key) => {
            found.push(Found { place, value: node.origin, what: format!("`{key}`") });
        }
        Value::Text(text) if !secrets_in(text).is_empty() => {
            found.push(Found { place, value: node.origin, what: format!("`{key}`") });
        }
        _ => {}
    }
}

/// The elements of a list, which may be the arguments of a program.
fn arguments(nodes: &[Node], found: &mut Vec<Found>) {
    let mut expects_value = false;
    for node in nodes {
        let Some(text) = node.text() else { continue };
        let follows = expects_value && !text.starts_with('-') && is_secret_value(text);
        if follows || !secrets_in(text).is_empty() {
            found.push(Found { place: node.origin, value: node.origin, what: "an argument".to_owned() });
        }
        expects_value = takes_secret(text);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{accepts, findings, finds};
    use super::*;
    use crate::plan::source::File;
    use crate::plan::{assemble, check, draw};

    const RULE: &str = "secret-as-value";
    const COMPONENT: &str = "[[component]]\nname='a'\nkind='postgres'\n";

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        for line in [
            "password='hunter2'",
            "pasword='hunter2'",
            "address='postgresql://ada:hunter2@db:5432/x'",
            "note='log in with --password=hunter2'",
            "reach={ssh='db', token='hunter2'}",
        ] {
            let underlined = line.strip_prefix("reach={ssh='db', ").map_or(line, |rest| rest.trim_end_matches('}'));
            finds(RULE, &format!("{COMPONENT}{line}"), &[underlined]);
        }
    }

    #[test]
    fn secrets_in_arguments_are_found() {
        let job = |run: &str| format!("[[job]]\nname='j'\ndo='command'\nevery='1h'\n{run}");
        finds(RULE, &job("run=['mysqldump', '--password=hunter2']"), &["'--password=hunter2'"]);
        finds(RULE, &job("run=['curl', '--token', 'hunter2']"), &["'hunter2'"]);
        let step = "[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nshell='PGPASSWORD=hunter2 psql'";
        finds(RULE, step, &["shell='PGPASSWORD=hunter2 psql'"]);
    }

    #[test]
    fn a_password_that_only_begins_like_a_variable_is_found() {
        for password in ["%40dmin", "{curly", "<angle", "$2y$10$abc", "$1"] {
            let line = format!("address='postgresql://ada:{password}@db:5432/x'");
            finds(RULE, &format!("{COMPONENT}{line}"), &[&line]);
        }
        for variable in ["%PASSWORD%", "{password}", "<password>", "$PASSWORD", "${PASSWORD}", "***"] {
            accepts(RULE, &format!("{COMPONENT}address='postgresql://ada:{variable}@db:5432/x'"));
        }
        accepts(RULE, &format!("{COMPONENT}note='psql --password=$(cat /run/pw)'"));
    }

    #[test]
    fn references_and_variables_are_accepted() {
        for line in [
            "password='file:/etc/pw'",
            "password='env:PGPASSWORD'",
            "address='postgresql://ada@db:5432/x'",
            "note='the token lies in the safe; --password-file=/etc/pw'",
            "note='psql --password=$PGPASSWORD'",
        ] {
            accepts(RULE, &format!("{COMPONENT}{line}"));
        }
    }

    #[test]
    fn no_secret_is_repeated_anywhere() {
        let text = format!(
            "[platform]\nname='p'\n{COMPONENT}password='hunter2'\naddress='redis://u:hunter2@h'\n\
             [[job]]\nname='j'\ndo='command'\nevery='1h'\nrun=['x', '--password=hunter2']\npasword='hunter2'"
        );
        let loaded = assemble(vec![File { path: "plan.toml".into(), text }], Vec::new());
        let found = check(&loaded, chrono::DateTime::UNIX_EPOCH);
        assert!(found.iter().filter(|finding| finding.rule == RULE).count() == 4, "{found:#?}");
        assert!(!found.iter().any(|finding| finding.rule == "wrong-value"), "said once: {found:#?}");
        let how = crate::plan::Drawing { colours: false, unicode: false, width: 100 };
        let drawn = draw(&found, &without_secrets(&loaded), how).join("\n");
        let json =
            serde_json::to_string(&found.iter().map(|finding| finding.report(&loaded.sources)).collect::<Vec<_>>());
        assert!(!drawn.contains("hunter2") && !json.unwrap().contains("hunter2"), "{drawn}");
    }

    #[test]
    fn the_reader_still_tells_of_other_wrong_values() {
        let (found, _) = findings("[[component]]\nname='a'\nkind='postgers'\npassword='env:'");
        assert!(found.iter().any(|finding| finding.rule == "wrong-value"));
    }

    proptest! {
        #[test]
        fn covering_keeps_every_byte_in_its_place(secret in "\\PC{1,20}") {
            let quoted = toml::Value::String(secret).to_string();
            let text = format!("[platform]\nname='p'\n[variables]\npassword={quoted}\nnext='x'");
            let loaded = assemble(vec![File { path: "plan.toml".into(), text: text.clone() }], Vec::new());
            let covered = without_secrets(&loaded);
            prop_assert_eq!(covered[0].text.len(), text.len());
            prop_assert!(covered[0].text.ends_with("next='x'"));
        }
    }
}
