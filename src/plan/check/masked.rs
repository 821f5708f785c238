//! A plan to be shown: everything it says, except the secrets that stand in it as values.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::secret_text::{in_list, in_reference, in_value};
use crate::plan::SecretRef;

/// What stands where a secret stood.
const COVER: &str = "***";

/// The same plan, or part of one, with every secret in it covered, to be printed whole, as a page or as JSON.
///
/// Of an address only its password is covered, of a line for a shell or an argument only the value,
/// so that both still tell what they do. References to secrets stay: they are none.
pub fn masked<T: Serialize + DeserializeOwned>(part: &T) -> Result<T, serde_json::Error> {
    let mut value = serde_json::to_value(part)?;
    cover(&mut value);
    serde_json::from_value(value)
}

/// What is covered is what the check finds: both ask the same functions.
fn cover(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(text) => cover_text(text, in_value(key, text)),
                    value => cover(value),
                }
            }
        }
        Value::Array(elements) => {
            let texts: Vec<Option<&str>> = elements.iter().map(Value::as_str).collect();
            for (index, secret) in in_list(&texts).into_iter().rev() {
                if let Some(Value::String(text)) = elements.get_mut(index) {
                    cover_text(text, vec![secret]);
                }
            }
            elements.iter_mut().filter(|element| !element.is_string()).for_each(cover);
        }
        Value::String(text) => cover_text(text, in_value("", text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A reference stays one, so that the plan can still be read.
fn cover_text(text: &mut String, secrets: Vec<Range<usize>>) {
    if secrets.is_empty() {
        return;
    }
    if let Ok(SecretRef::Command(mut argv)) = text.parse() {
        for (index, secret) in in_reference(&argv).into_iter().rev() {
            if let Some(argument) = argv.get_mut(index) {
                argument.replace_range(secret, COVER);
            }
        }
        *text = SecretRef::Command(argv).to_string();
        return;
    }
    for secret in secrets.into_iter().rev() {
        text.replace_range(secret, COVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::beginning::Shipped;
    use crate::plan::{Plan, assemble, complete, pages};

    fn plan(rest: &str) -> Plan {
        toml::from_str(&format!("[platform]\nname = 'p'\n{rest}")).unwrap()
    }

    #[test]
    fn no_secret_is_shown_and_the_rest_is() {
        let plan = plan(
            "[variables]\ntoken = 'hunter2'\nsite = 'x'\n\
             [[component]]\nname = 'db'\nkind = 'postgres'\naddress = 'postgresql://ada:hunter2@db:5432/x'\npassword = 'file:/etc/pw'\n\
             [[job]]\nname = 'j'\ndo = 'command'\nevery = '1h'\nrun = ['curl', '--token', 'hunter2', '--password=hunter2', 'https://u:hunter2@h/?secret=hunter2&a=1']\n\
             [[procedure]]\nname = 'q'\n[[procedure.step]]\nname = 's'\nrun = ['x', 'PGPASSWORD=hunter2']\n\
             shell = \"PGPASSWORD='hunter2 hunter2' psql --token hunter2 -h db\"\npoints = ['log in with --password=hunter2']",
        );
        let covered = masked(&plan).unwrap();
        let shown = complete(&covered).unwrap().to_string() + &pages(&covered).concat();
        assert!(!shown.contains("hunter2"), "{shown}");
        for rest in
            ["postgresql://ada:***@db:5432/x", "file:/etc/pw", "https://u:***@h/?secret=***&a=1", "--password=***"]
        {
            assert!(shown.contains(rest), "{rest} in {shown}");
        }
        assert_eq!(covered.procedure[0].step[0].shell.as_deref(), Some("PGPASSWORD='***' psql --token *** -h db"));
    }

    /// What the check finds and what is covered must not drift apart.
    #[test]
    fn whatever_the_check_finds_is_covered() {
        let job = "[[job]]\nname = 'j'\ndo = 'command'\nevery = '1h'\nnote = 'n'\n";
        let channel = "[[channel]]\nname = 'c'\nkind = 'chat'\n";
        for rest in [
            format!("{job}run = ['curl', '-H', 'Authorization: Bearer hunter2']"),
            format!("{job}run = ['curl', '-u', 'admin:hunter2', 'https://h']"),
            format!("{job}run = ['mysql', '-phunter2']"),
            format!("{job}run = ['sshpass', '-p', 'hunter2', 'ssh', 'h']"),
            format!("{job}run = ['sh', '-c', 'redis-cli -a hunter2 save']"),
            format!("{job}ping = 'https://hooks.slack.com/services/T012/B034/hunter2'"),
            format!("{job}ping = 'https://api.telegram.org/bot123:hunter2/sendMessage'"),
            format!("{channel}target = 'https://hooks.slack.com/services/T012/B034/hunter2'"),
            format!("{channel}target = 'xoxb-123456789-hunter2'"),
            format!("{channel}secret = 'command:[\"echo\",\"hunter2\"]'"),
            format!("{channel}secret = 'command:[\"sh\",\"-c\",\"printf %s hunter2\"]'"),
            "[[component]]\nname = 'a'\nkind = 'host'\nuser = 'admin:hunter2'".to_owned(),
        ] {
            let (found, _) = super::super::testing::findings(&rest);
            assert!(found.iter().any(|finding| finding.rule == "secret-as-value"), "{rest}\n{found:#?}");
            let shown = complete(&masked(&plan(&rest)).unwrap()).unwrap().to_string();
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn a_plan_without_secrets_is_shown_as_it_is() {
        for name in ["agent-orchestrator", "agent-factory", "agent-framework", "starter"] {
            let files = Shipped::named(name).unwrap().files("2024-11-19".parse().unwrap());
            let plan = assemble(files, Vec::new()).plan.unwrap();
            assert_eq!(complete(&masked(&plan).unwrap()).unwrap(), complete(&plan).unwrap(), "{name}");
        }
    }
}
