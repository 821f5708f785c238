//! A plan to be shown: everything it says, except the secrets that stand in it as values.

use serde_json::Value;

use super::secret_text::{is_secret_value, names_secret, secrets_in, takes_secret};
use crate::plan::Plan;

/// What stands where a secret stood.
const COVER: &str = "***";

/// The same plan with every secret in it covered, to be printed whole, as a page or as JSON.
///
/// Of an address only its password is covered, of a line for a shell or an argument only the value,
/// so that both still tell what they do. References to secrets stay: they are none.
pub fn masked(plan: &Plan) -> Result<Plan, serde_json::Error> {
    let mut value = serde_json::to_value(plan)?;
    cover(&mut value);
    serde_json::from_value(value)
}

fn cover(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(text) if names_secret(key) && is_secret_value(text) => COVER.clone_into(text),
                    value => cover(value),
                }
            }
        }
        Value::Array(elements) => {
            let mut follows = false;
            for element in elements {
                let next = element.as_str().is_some_and(takes_secret);
                match element {
                    Value::String(text) if follows && !text.starts_with('-') && is_secret_value(text) => {
                        COVER.clone_into(text);
                    }
                    element => cover(element),
                }
                follows = next;
            }
        }
        Value::String(text) => {
            for secret in secrets_in(text).into_iter().rev() {
                text.replace_range(secret, COVER);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::beginning::Shipped;
    use crate::plan::{assemble, complete, pages};

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

    #[test]
    fn a_plan_without_secrets_is_shown_as_it_is() {
        for name in ["agent-orchestrator", "agent-factory", "agent-framework", "starter"] {
            let files = Shipped::named(name).unwrap().files("2024-11-19".parse().unwrap());
            let plan = assemble(files, Vec::new()).plan.unwrap();
            assert_eq!(complete(&masked(&plan).unwrap()).unwrap(), complete(&plan).unwrap(), "{name}");
        }
    }
}
