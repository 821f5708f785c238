//! Secrets that are found, and what is none.

use proptest::prelude::*;

use super::*;
use crate::plan::check::testing::{accepts, findings, finds, only};
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
fn secrets_are_found_by_their_look_and_by_the_program() {
    let job = |rest: &str| format!("[[job]]\nname='j'\ndo='command'\nevery='1h'\n{rest}");
    for (run, secret) in [
        ("'curl', '-H', 'Authorization: Bearer geheim'", "'Authorization: Bearer geheim'"),
        ("'curl', '-u', 'admin:geheim'", "'admin:geheim'"),
        ("'mysql', '-pgeheim'", "'-pgeheim'"),
        ("'sshpass', '-p', 'geheim'", "'geheim'"),
        ("'sh', '-c', 'redis-cli -a geheim save'", "'redis-cli -a geheim save'"),
    ] {
        finds(RULE, &job(&format!("run=[{run}]")), &[secret]);
    }
    for line in [
        "user='admin:geheim'",
        "note='https://hooks.slack.com/services/T012/B034/geheim'",
        "note='https://api.telegram.org/bot123:ABCgeheim/sendMessage'",
        "note='xoxb-123456789-geheim'",
        "password='env:wJalr/geheim'",
        "password='command:[\"echo\",\"geheim\"]'",
    ] {
        finds(RULE, &format!("{COMPONENT}{line}"), &[line]);
    }
    for plain in [
        "run=['docker', 'run', '-p', '80:80']",
        "run=['mysql', '-p', 'shop']",
        "run=['curl', '-u', 'admin:$PASSWORD']",
        "run=['curl', '-H', 'Authorization: Bearer ${TOKEN}']",
        "run=['echo', 'done']",
        "ping='https://hooks.example.com/backups/daily'",
        "note='the password: it lies in the safe'",
    ] {
        accepts(RULE, &job(plain));
    }
}

#[test]
fn what_another_program_keeps_is_no_secret_that_was_seen() {
    for reference in ["vault:secret/db", "op://vault/db", "file:relative", "command:pass show db", "flie:/etc/pw"] {
        let line = format!("password='{reference}'");
        finds("secret-reference", &format!("{COMPONENT}{line}"), &[&line]);
        accepts(RULE, &format!("{COMPONENT}{line}"));
    }
    let address = only(RULE, &format!("{COMPONENT}address='redis://u:geheim@h'"));
    assert!(address.mend.contains("take it out of the address"), "{}", address.mend);
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
    let json = serde_json::to_string(&crate::plan::reports(&found, &loaded.sources));
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
