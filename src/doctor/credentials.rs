//! Credentials that end soon, or together with this login: what is begun with them does not outlive it.

use std::path::Path;

use super::{Area, Check, Next, word};
use crate::plan::{Plan, SecretRef};
use crate::text::instant;

/// What the environment of this login holds.
pub(super) fn credentials(plan: &Plan) -> Vec<Check> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let over_ssh = variable("SSH_CONNECTION").is_some();
    let mut checks = Vec::new();
    if let Some(host) = plan.first_ssh() {
        match variable("SSH_AUTH_SOCK") {
            Some(socket) if over_ssh && is_forwarded(&socket) => checks.push(Check::wrong(
                Area::Credentials,
                "ssh agent",
                format!("the keys for {host} are those of an agent that is forwarded: they end with this login"),
                Next::Mend(format!("ssh-keygen -t ed25519 && ssh-copy-id {}", word(host))),
            )),
            _ => checks.push(Check::well(Area::Credentials, "ssh keys", "no agent is forwarded")),
        }
    }
    let secrets = secrets(plan);
    let from_environment: Vec<String> =
        secrets.iter().filter(|secret| is_variable(secret)).map(ToString::to_string).collect();
    if !from_environment.is_empty() {
        checks.push(Check::wrong(
            Area::Credentials,
            "secrets in variables",
            format!("{} end with this login; name files instead, with file:", from_environment.join(", ")),
            Next::Mend(kept_in_files(&secrets)),
        ));
    }
    if variable("AWS_SESSION_TOKEN").is_some() {
        let ends = variable("AWS_CREDENTIAL_EXPIRATION").and_then(|at| instant::parse(&at).ok());
        let when = ends.map_or_else(|| "at a time that is not told".to_owned(), instant::stamp);
        checks.push(Check::wrong(
            Area::Credentials,
            "AWS session",
            format!("the token of this login ends {when}"),
            Next::mend("aws configure"),
        ));
    }
    checks
}

/// Whether sudo would ask for a password once its ticket has run out.
pub(super) async fn sudo(plan: &Plan) -> Vec<Check> {
    let uses_sudo = plan.places().any(|used| {
        used.place
            .prefix
            .as_ref()
            .and_then(|prefix| prefix.first())
            .is_some_and(|program| Path::new(program).file_name().is_some_and(|name| name == "sudo"))
    });
    if !uses_sudo {
        return Vec::new();
    }
    let mut ask = tokio::process::Command::new("sudo");
    ask.args(["-n", "-l"]).stdin(std::process::Stdio::null()).kill_on_drop(true);
    let said = tokio::time::timeout(std::time::Duration::from_secs(5), ask.output()).await;
    let allowed = said
        .ok()
        .and_then(Result::ok)
        .is_some_and(|output| output.status.success() && String::from_utf8_lossy(&output.stdout).contains("NOPASSWD"));
    vec![if allowed {
        Check::well(Area::Credentials, "sudo", "asks for no password")
    } else {
        Check::wrong(
            Area::Credentials,
            "sudo",
            "it asks for a password, and its ticket ends within minutes; the plan's commands need NOPASSWD",
            Next::mend("sudo visudo -f /etc/sudoers.d/lifeboat"),
        )
    }]
}

/// The sockets of sshd for forwarded agents lie in folders of this form; an agent of this machine has others.
fn is_forwarded(socket: &str) -> bool {
    Path::new(socket).components().any(|part| part.as_os_str().to_string_lossy().starts_with("ssh-"))
        && socket.contains("/agent.")
}

/// The commands that keep the secrets of this login's variables; the plan then names them with `file:`.
fn kept_in_files(secrets: &[&SecretRef]) -> String {
    let names = secrets.iter().filter_map(|secret| match secret {
        SecretRef::Env(name) => Some(name.as_str()),
        SecretRef::File(_) | SecretRef::Command(_) => None,
    });
    let kept = names.map(|name| format!("printenv {name} | install -D -m 600 /dev/stdin /etc/lifeboat/{name}"));
    kept.collect::<Vec<_>>().join(" && ")
}

fn is_variable(secret: &SecretRef) -> bool {
    secret.to_string().starts_with("env:")
}

/// What the plan refers to, each once.
fn secrets(plan: &Plan) -> Vec<&SecretRef> {
    let mut all: Vec<&SecretRef> = plan.secrets().map(|used| used.secret).collect();
    all.sort_by_key(ToString::to_string);
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_agent_is_told_from_one_of_this_machine() {
        assert!(is_forwarded("/tmp/ssh-XXXXabc/agent.4711"));
        assert!(!is_forwarded("/run/user/1000/keyring/ssh"));
        assert!(!is_forwarded("/home/me/.ssh/agent.sock"));
    }
}
