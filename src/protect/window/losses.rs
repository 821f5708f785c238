//! What could be lost at once, as far as the plan tells, and which stores would be gone with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Plan;
use crate::plan::types::{Component, Data, Store, StoreKind};
use crate::protect::ways::is_off_site;

/// Something that may be lost, with all that is kept there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What sort of thing it is.
    pub sort: Sort,
    /// Which one.
    pub what: String,
    /// The stores that are gone with it.
    pub stores: BTreeSet<String>,
}

/// What sort of thing may be lost, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A folder, a drive, a bucket.
    Store,
    /// A machine with every folder of it.
    Host,
    /// Whoever may write may delete.
    Account,
    /// A key of which there is no other.
    Key,
    /// A site, with all that is in it.
    Site,
    /// A region of a provider, with its sites.
    Region,
}

impl Sort {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Store => "store",
            Sort::Host => "host",
            Sort::Account => "account",
            Sort::Key => "key",
            Sort::Site => "site",
            Sort::Region => "region",
        }
    }
}

/// Everything that could be lost of what the plan names, seen from a category of data: without a site of its own a folder
/// is where its component is.
pub(super) fn losses(plan: &Plan, data: &Data) -> Vec<Loss> {
    let of = plan.component.iter().find(|component| Some(&component.name) == data.component.as_ref());
    let mut found: BTreeMap<(Sort, String), BTreeSet<String>> = BTreeMap::new();
    for store in plan.store.iter().filter(|store| store.kind != StoreKind::Git) {
        for (sort, what) in parts_of(plan, store, of) {
            found.entry((sort, what)).or_default().insert(store.name.clone());
        }
    }
    let mut losses: Vec<Loss> = found.into_iter().map(|((sort, what), stores)| Loss { sort, what, stores }).collect();
    // The site of the component is lost with it, even where nothing is kept there.
    let site = of.and_then(|component| component.site.clone());
    if let Some(site) = site.filter(|site| !losses.iter().any(|loss| loss.sort == Sort::Site && loss.what == *site)) {
        losses.push(Loss { sort: Sort::Site, what: site, stores: BTreeSet::new() });
    }
    losses
}

/// What a store is part of, and gone with.
fn parts_of(plan: &Plan, store: &Store, of: Option<&Component>) -> Vec<(Sort, String)> {
    let mut parts = vec![(Sort::Store, store.name.clone())];
    if store.path.is_some() && store.bucket.is_none() {
        let host = store.reach.as_ref().filter(|reach| !reach.is_here());
        parts.push((Sort::Host, host.map_or_else(|| "this host".to_owned(), ToString::to_string)));
    }
    if store.bucket.is_some() {
        let service = store.endpoint.as_deref().unwrap_or("AWS");
        let key = store.access_key.as_ref().map(|key| format!(" ({key})")).unwrap_or_default();
        parts.push((Sort::Account, format!("{service}{key}")));
    }
    if let [key] = store.encrypt_to.as_slice() {
        parts.push((Sort::Key, key.clone()));
    }
    let site = match &store.site {
        Some(site) => Some(site),
        None => of.and_then(|of| of.site.as_ref()).filter(|_| !is_off_site(store, of)),
    };
    parts.extend(site.map(|site| (Sort::Site, site.clone())));
    let named = site.and_then(|name| plan.site.iter().find(|site| site.name == *name));
    let region = store.region.as_ref().or_else(|| named.and_then(|site| site.region.as_ref()));
    // What is replicated elsewhere is there still.
    let region = region.filter(|_| store.replicated_to.is_none());
    parts.extend(region.map(|region| (Sort::Region, region.clone())));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_go_with_what_they_are_part_of() {
        let plan: Plan = toml::from_str(
            "[platform]\nname = 'p'\n[[site]]\nname = 'here'\nregion = 'east'\n[[component]]\nname = 'db'\n\
             kind = 'postgres'\nsite = 'here'\n[[data]]\nname = 'd'\ncomponent = 'db'\n\
             [[store]]\nname = 'local'\nkind = 'directory'\npath = '/a'\nencrypt_to = ['age1x']\n\
             [[store]]\nname = 'nas'\nkind = 'directory'\npath = '/b'\nreach = { ssh = 'nas-1' }\n\
             [[store]]\nname = 'near'\nkind = 's3'\nbucket = 'a'\nregion = 'east'\nencrypt_to = ['age1x', 'age1y']\n\
             [[store]]\nname = 'far'\nkind = 's3'\nbucket = 'b'\nregion = 'east'\nreplicated_to = 'west'\n",
        )
        .unwrap();
        let told = losses(&plan, &plan.data[0]).into_iter().filter(|loss| loss.sort != Sort::Store).map(|loss| {
            let stores: Vec<&str> = loss.stores.iter().map(String::as_str).collect();
            format!("{} {}: {}", loss.sort.word(), loss.what, stores.join(" "))
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "host ssh nas-1: nas",
                "host this host: local",
                "account AWS: far near",
                "key age1x: local",
                "site here: local nas",
                "region east: local nas near",
            ]
        );
    }
}
