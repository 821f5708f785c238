//! What an administrator types for the login of a component.

use crate::plan::SecretRef;
use crate::plan::types::Component;
use crate::systems::mend::{Next, user, word};
use crate::systems::redis::take::setting_back;
use crate::systems::trouble::shown;

/// Adds the password that the plan knows to those of the login. It comes from where it lies, over a pipe: on a
/// command line everybody on this machine could read it.
pub fn give_password(component: &Component) -> Next {
    let fetched = match &component.password {
        Some(SecretRef::File(path)) => format!("\"$(cat {})\"", word(&path.to_string_lossy())),
        Some(SecretRef::Env(name)) => format!("\"${name}\""),
        Some(SecretRef::Command(argv)) => {
            let argv: Vec<String> = argv.iter().map(|argument| word(argument)).collect();
            format!("\"$({})\"", argv.join(" "))
        }
        None => return Next::Look(format!("{} ACL WHOAMI", cli(component))),
    };
    Next::Mend(format!("printf '>%s' {fetched} | {} -x ACL SETUSER {}", cli(component), word(&user(component))))
}

/// Commands that only tell.
pub fn grant(component: &Component) -> Next {
    let rights = ["+info", "+config|get", "+client|list", "+latency", "+memory|usage"].map(word);
    Next::Mend(format!("{} ACL SETUSER {} {}", cli(component), word(&user(component)), rights.join(" ")))
}

/// Sets automatic rewrites back to what they were before a backup held them back.
pub fn set_rewrites_back(component: &Component, to: u32) -> Next {
    Next::Mend(format!("{} {}", cli(component), setting_back(to)))
}

fn cli(component: &Component) -> String {
    let address = component.address.as_deref().map_or_else(|| component.name.clone(), shown);
    format!("redis-cli -u {}", word(&address))
}
