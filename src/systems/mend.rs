//! What somebody with more rights types where a system does not let us in, or not see enough: commands for a
//! shell, which change nothing but what they are for.

use chrono::{DateTime, Utc};

use super::contact::Contact;
use super::trouble::shown;
use super::{postgres, rabbitmq, redis, s3};
use crate::plan::types::{Component, Kind};
use crate::reach::quote;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It mends what is wrong.
    Mend(String),
    /// It changes nothing: it shows more of what is wrong.
    Look(String),
}

impl Next {
    /// What mends it.
    pub fn mend(command: impl Into<String>) -> Next {
        Next::Mend(command.into())
    }

    /// What shows more.
    pub fn look(command: impl Into<String>) -> Next {
        Next::Look(command.into())
    }

    /// The words of a failure about what to do, which say themselves whether they only look.
    pub fn of_words(words: impl Into<String>) -> Next {
        let words = words.into();
        let first = words.split_whitespace().next().unwrap_or_default().to_lowercase();
        let only_looks = ["look", "check", "find", "wait,"].contains(&first.as_str())
            || words.contains(" shows ")
            || words.contains(" and see ");
        if only_looks { Next::Look(words) } else { Next::Mend(words) }
    }
}

/// Gives the login of a component the password that the plan knows.
pub fn give_password(component: &Component) -> Next {
    match component.kind {
        Kind::Postgres => postgres::mend::give_password(component),
        Kind::Redis => redis::mend::give_password(component),
        Kind::Rabbitmq => rabbitmq::mend::give_password(component),
        Kind::S3Bucket => s3::mend::give_keys(component),
        _ => {
            let address = component.address.as_deref().map_or_else(|| component.name.clone(), shown);
            Next::look(format!("curl -sv -u {} {}", word(&user(component)), word(&address)))
        }
    }
}

/// Lets the login of a component see what it may not see.
pub fn grant(component: &Component) -> Next {
    match component.kind {
        Kind::Postgres => postgres::mend::grant(component),
        Kind::Redis => redis::mend::grant(component),
        Kind::Rabbitmq => rabbitmq::mend::grant(component),
        Kind::S3Bucket => s3::mend::grant(component),
        // What is left are logs: files of a group, or of the journal.
        _ => Next::mend("sudo usermod -aG adm,systemd-journal \"$(id -un)\""),
    }
}

/// Gives a login that ends a new password and another end.
pub fn renew_login(component: &Component, until: DateTime<Utc>) -> Next {
    postgres::mend::renew_login(component, until)
}

/// Lets a server rewrite its append-only file by itself again, where a backup that was killed still holds that back;
/// nothing where none does, or where that cannot be known.
pub async fn rewrites_left(component: &Component, with: &Contact<'_>) -> Option<Next> {
    let to = redis::take::rewrites_left(component, with).await.ok()??;
    Some(redis::mend::set_rewrites_back(component, to))
}

/// Who asks there: the address goes before the key of the plan, as it does where we log in.
pub(super) fn user(component: &Component) -> String {
    let named = component.address.as_deref().and_then(|address| {
        let (before, _) = address.split_once("://")?.1.rsplit_once('@')?;
        before.split(':').next().filter(|user| !user.is_empty())
    });
    named.or(component.user.as_deref()).unwrap_or("lifeboat").to_owned()
}

/// One word of a shell.
pub(super) fn word(text: &str) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    fn component(kind: &str, more: &str) -> Component {
        toml::from_str(&format!("name = 'c'\nkind = '{kind}'\n{more}")).unwrap()
    }

    fn mended(next: Next) -> String {
        match next {
            Next::Mend(command) => command,
            Next::Look(command) => panic!("it only looks: {command}"),
        }
    }

    /// Runs a command in a shell that finds these programs first. Each leaves its arguments, one a line, and what it
    /// was sent.
    fn typed(command: &str, programs: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (name, says) in programs {
            let path = folder.path().join(name);
            let script = format!(
                "#!/bin/sh\nif [ \"$2\" = list_users ]; then printf '{says}'; exit; fi\n\
                 printf '%s\\n' \"$@\" >> \"$OUT\"\n[ -t 0 ] || cat >> \"$OUT\"\n"
            );
            std::fs::write(&path, script).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let out = folder.path().join("out");
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).env("PATH", path).env("OUT", &out).stdin(std::process::Stdio::null());
        let ran = shell.output().unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
        std::fs::read_to_string(out).unwrap()
    }

    #[test]
    fn names_of_the_plan_are_quoted_for_shell_and_sql() {
        let name = "o'hara; rm -rf \"x\" $(id)";
        let db = component("postgres", &format!("address = 'postgresql://10.0.0.5/x'\nuser = '''{name}'''"));
        let sql = "GRANT pg_monitor TO \"o'hara; rm -rf \"\"x\"\" $(id)\";";
        let typed_in = typed(&mended(grant(&db)), &[("psql", "")]);
        assert_eq!(typed_in, format!("postgresql://10.0.0.5/x\n-U\npostgres\n-c\n{sql}\n"));
        let cache = component("redis", &format!("address = 'redis://10.0.0.5:6379'\nuser = '''{name}'''"));
        let typed_in = typed(&mended(grant(&cache)), &[("redis-cli", "")]);
        assert!(typed_in.contains(&format!("\nSETUSER\n{name}\n+info\n+config|get\n")), "{typed_in}");
    }

    #[test]
    fn a_login_keeps_the_tags_that_it_has() {
        let broker = component("rabbitmq", "user = 'ops'\naddress = 'amqp://10.0.0.5'");
        let users = "user\\ttags\\nguest\\t[administrator]\\nops\\t[policymaker, impersonator]\\n";
        let typed_in = typed(&mended(grant(&broker)), &[("rabbitmqctl", users)]);
        let words: Vec<&str> = typed_in.lines().collect();
        assert_eq!(words, ["set_user_tags", "ops", "monitoring", "policymaker", "impersonator"]);
    }

    #[test]
    fn a_cache_is_given_the_password_itself_and_not_a_word_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("the password");
        std::fs::write(&file, "hunter2 hunter2\n").unwrap();
        let more = format!("address = 'redis://ops@10.0.0.5:6379'\npassword = 'file:{}'", file.display());
        let command = mended(give_password(&component("redis", &more)));
        assert!(!command.contains("hunter2"), "{command}");
        let typed_in = typed(&command, &[("redis-cli", "")]);
        assert_eq!(typed_in, "-u\nredis://10.0.0.5:6379\n-x\nACL\nSETUSER\nops\n>hunter2 hunter2");
        assert!(matches!(give_password(&component("redis", "")), Next::Look(_)), "there is no password to give");
    }

    #[test]
    fn a_login_that_ends_is_given_another_end_and_never_none() {
        let db = component("postgres", "address = 'postgresql://ops@10.0.0.5/x'");
        let command = mended(renew_login(&db, DateTime::UNIX_EPOCH));
        let typed_in = typed(&command, &[("psql", "")]);
        let sql = "\\password \"ops\"\n-c\nALTER ROLE \"ops\" VALID UNTIL '1970-01-01 00:00:00+00';\n";
        assert!(typed_in.ends_with(sql), "{typed_in}");
    }

    #[test]
    fn what_only_looks_says_so() {
        assert!(matches!(give_password(&component("http", "address = 'http://10.0.0.5'")), Next::Look(_)));
        assert!(matches!(Next::of_words("Check who may read it: ls -l x"), Next::Look(_)));
        assert!(matches!(Next::of_words("`ssh -v db` shows how far it gets"), Next::Look(_)));
        assert!(matches!(Next::of_words("chmod 600 x"), Next::Mend(_)));
    }
}
