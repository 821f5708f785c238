//! Secrets, places and stores, as `plan check --live` looks at them, and whom this bastion is not let in by.

use super::{Area, Check, Next, word};
use crate::plan::facts::Value;
use crate::plan::{Loaded, Plan};
use crate::systems::{live, mend};
use crate::watch::{Means, Picture};

/// What is there now of all that the plan refers to.
pub(super) async fn reachable(loaded: &Loaded, plan: &Plan, means: &Means) -> Vec<Check> {
    let looked = live::look_around(loaded, plan, &means.contact()).await;
    let mut checks: Vec<Check> = Vec::new();
    let wrong = looked.findings.iter().filter(|finding| finding.rule == "live-store").count();
    let well = plan.store.len().saturating_sub(wrong + looked.not_looked_at.len());
    if well > 0 {
        checks.push(Check::well(
            Area::Stores,
            "stores",
            format!("{well} of {} take what is written", plan.store.len()),
        ));
    }
    for finding in &looked.findings {
        let area = match finding.rule {
            "live-secret" => Area::Secrets,
            "live-reach" => Area::Reach,
            _ => Area::Stores,
        };
        let (about, why) = finding.message.split_once(": ").unwrap_or((area.word(), &finding.message));
        let check = Check::wrong(area, about, why, Next::of_words(&finding.mend));
        // One secret may be named by many.
        if !checks.contains(&check) {
            checks.push(check);
        }
    }
    let not = looked.not_looked_at.iter();
    checks.extend(not.map(|(store, why)| Check::not_looked(Area::Stores, store, why)));
    checks
}

/// Who lets this bastion in, as the last readings tell. One that is down, or cannot be reached, is an outage and no
/// fault of this bastion.
pub(super) fn logins(picture: &Picture) -> Vec<Check> {
    let (mut checks, mut let_in, mut all) = (Vec::new(), 0, 0);
    for (component, seen) in picture.components() {
        all += 1;
        let Some(latest) = &seen.latest else { continue };
        match latest.fact("connection") {
            Some(Value::Text(word)) if word == "denied" => {
                let next = mend::give_password(component);
                checks.push(Check::wrong(Area::Logins, &component.name, latest.reason(), next));
            }
            Some(Value::Text(word)) if word != "open" => {}
            _ => let_in += 1,
        }
    }
    if let_in > 0 {
        let others = if let_in < all { "; `lifeboat status` tells how the others are" } else { "" };
        checks.insert(0, Check::well(Area::Logins, "components", format!("{let_in} of {all} let us in{others}")));
    }
    checks
}

/// The other vantage points of the plan that cannot be seen through.
pub(super) fn vantages(plan: &Plan, picture: &Picture) -> Vec<Check> {
    let lost = picture.lost_vantages().map(|(name, why)| {
        let place = plan.vantage.iter().find(|vantage| vantage.name == name).map(|vantage| &vantage.reach);
        let mend = match place.and_then(|place| place.ssh.as_deref()) {
            Some(host) => Next::Mend(format!(
                "scp \"$(command -v lifeboat)\" {}",
                word(&format!("{host}:/usr/local/bin/lifeboat"))
            )),
            None => Next::look("lifeboat status"),
        };
        Check::wrong(Area::Reach, name, format!("nothing is seen from there: {why}"), mend)
    });
    lost.collect()
}
