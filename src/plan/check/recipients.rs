//! To whom stores encrypt: a recipient that nobody can read makes a store take nothing.

use age::x25519::Recipient;

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use crate::plan::Finding;

pub const RULES: &[Rule] = &[recipient];

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

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

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
