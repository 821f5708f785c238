//! To whom stores encrypt: a recipient that nobody can read makes a store take nothing, and without one it takes no
//! keys.

use age::x25519::Recipient;

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use crate::plan::Finding;
use crate::plan::types::{Component, Task};

pub const RULES: &[Rule] = &[recipient, keys];

fn recipient(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for store in entries(&examined.plan.store) {
        for (index, recipient) in store.item.encrypt_to.iter().enumerate() {
            if recipient.parse::<Recipient>().is_ok() {
                continue;
            }
            let is_secret = recipient.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-");
            let why = if is_secret {
                "this is the key that opens what is encrypted: whoever reads the plan reads every backup"
            } else {
                "no backup can be encrypted to it, so that nothing is kept in this store"
            };
            findings.push(
                Finding::error("recipient", format!("{} encrypts to what is no recipient of age", store.item.name))
                    .at(examined.at(&examined.path(store).to("encrypt_to").to(index)), "not a recipient")
                    .because(why)
                    .mend("write the public half that `age-keygen -y KEY` prints: age1…"),
            );
        }
    }
}

/// Keys and settings of an environment that are backed up only where nothing is encrypted: they may not lie there open.
fn keys(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let plan = examined.plan;
    let encrypts = |name: &String| plan.store.iter().any(|store| store.name == *name && !store.encrypt_to.is_empty());
    for component in &plan.component {
        let of_it = entries(&plan.job)
            .filter(|it| it.item.task == Task::Backup && it.item.of.as_ref() == Some(&component.name));
        let jobs: Vec<_> = of_it.collect();
        let (Some(what), Some(first)) = (secret_of(component), jobs.first()) else { continue };
        if jobs.iter().any(|job| job.item.to.iter().any(encrypts)) {
            continue;
        }
        findings.push(
            Finding::warning("keys-nowhere", format!("{what} of {} would be kept nowhere", component.name))
                .at(examined.at(&examined.path(*first).to("to")), "none of these encrypts")
                .because("what is secret never lies in a store in the open: every recovery point would lack it")
                .mend("give one of the stores `encrypt_to`, with the recipients that `age-keygen -y KEY` prints"),
        );
    }
}

/// What of a component is known to be secret.
fn secret_of(component: &Component) -> Option<&'static str> {
    let has_key = component.certificate.as_ref().is_some_and(|settings| settings.key.is_some());
    let is_environment = |name: &String| name.contains(".env");
    let has_environment = component.files.as_ref().is_some_and(|files| files.include.iter().any(is_environment));
    if has_key { Some("the private key") } else { has_environment.then_some("the .env files") }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    #[test]
    fn keys_that_no_store_would_keep_are_found() {
        let plan = |kind: &str, to: &str| {
            format!(
                "[[component]]\nname='c'\n{kind}\n[[store]]\nname='s'\nkind='directory'\npath='/s'\n\
                 [[store]]\nname='e'\nkind='directory'\npath='/e'\n\
                 encrypt_to=['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p']\n\
                 [[job]]\nname='j'\ndo='backup'\nof='c'\nto=[{to}]\n"
            )
        };
        let certificate = "kind='certificate'\naddress='/c.pem'\n";
        let with_key = format!("{certificate}certificate={{ key='/k.pem' }}\n");
        finds("keys-nowhere", &plan(&with_key, "'s'"), &["to"]);
        accepts("keys-nowhere", &plan(&with_key, "'s', 'e'"));
        accepts("keys-nowhere", &plan(certificate, "'s'"));
        let files = "kind='files'\naddress='/etc/app'\nfiles={ include=['*.conf', '.env'] }\n";
        finds("keys-nowhere", &plan(files, "'s'"), &["to"]);
    }

    #[test]
    fn what_is_no_recipient_is_found() {
        let plan = |to: &str| format!("[[store]]\nname='s'\nkind='directory'\npath='/s'\nencrypt_to=[{to}]\n");
        let good = "'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'";
        accepts("recipient", &plan(good));
        finds("recipient", &plan("'age1nonsense'"), &["'age1nonsense'"]);
        finds("recipient", &plan(&format!("{good}, ''")), &["''"]);
        finds("recipient", &plan("'ssh-ed25519 AAAA'"), &["'ssh-ed25519 AAAA'"]);
    }
}
