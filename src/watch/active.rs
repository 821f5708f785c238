//! Which site the platform runs on now.

use crate::plan::facts::Value;
use crate::plan::types::{Kind, Plan, SiteRole};

use super::Seen;

/// The site that serves the users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveSite {
    /// Its name in the plan.
    pub name: String,
    /// How that is known.
    pub because: Because,
}

impl ActiveSite {
    /// That it is active, and how that is known.
    pub const fn told(&self) -> &'static str {
        match self.because {
            Because::Dns => "active: DNS points here",
            Because::Plan => "active, by the plan",
        }
    }
}

/// How it is known which site is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// A name in the DNS points there.
    Dns,
    /// The plan says so, and nothing else is known.
    Plan,
}

/// The active site: where the names of the platform point, else where it runs by the plan.
pub fn active_site<'a>(plan: &Plan, seen: impl Fn(usize) -> &'a Seen) -> Option<ActiveSite> {
    let names = plan.component.iter().enumerate().filter(|(_, component)| component.kind == Kind::DnsName);
    let pointed = names.filter_map(|(index, _)| match seen(index).fact("site") {
        Some(Value::Text(site)) if plan.site.iter().any(|known| known.name == **site) => Some(site.to_string()),
        _ => None,
    });
    if let Some(name) = pointed.into_iter().next() {
        return Some(ActiveSite { name, because: Because::Dns });
    }
    let primary = plan.site.iter().find(|site| site.role == Some(SiteRole::Primary)).or_else(|| plan.site.first());
    primary.map(|site| ActiveSite { name: site.name.clone(), because: Because::Plan })
}
