//! Where the work of a backup is done: at the place that its job names, if all of it can be done there, else from here.

use super::Wanted;
use crate::plan::Place;
use crate::plan::types::{Component, Kind, Method, Store, StoreKind};
use crate::text::{Shape, untrusted};

/// Where the work is done.
#[derive(Debug, PartialEq, Eq)]
pub enum Way<'p> {
    /// Here: the job names no other place.
    Here,
    /// All of it at the place that the job names.
    There(&'p Place),
    /// Commands run at that place and the bytes come through here, for this reason.
    FromHere(String),
}

impl<'p> Way<'p> {
    /// The way of a backup.
    pub fn of(wanted: &'p Wanted<'_>) -> Way<'p> {
        let Some(at) = wanted.job.at.as_ref().filter(|at| !at.is_here()) else { return Way::Here };
        if let Some(why) = misplaced(wanted, at) {
            return Way::FromHere(why);
        }
        match wanted.stores.iter().find_map(|store| not_from(at, store)) {
            Some(why) => Way::FromHere(why),
            None => Way::There(at),
        }
    }
}

/// Why what is taken does not lie at that place: files are read where they are, not where work is done.
fn misplaced(wanted: &Wanted<'_>, at: &Place) -> Option<String> {
    let component: &Component = wanted.component;
    let is_of_files = match component.kind {
        Kind::Files | Kind::Certificate => true,
        Kind::Redis => wanted.job.method == Some(Method::Aof),
        _ => false,
    };
    let lies = component.reach.clone().unwrap_or_default();
    let is_elsewhere = wanted.job.run.is_empty() && is_of_files && lies != *at;
    is_elsewhere.then(|| format!("the files of {} lie {}, not there", component.name, place(&lies)))
}

/// Why a store cannot be used from that place.
fn not_from(at: &Place, store: &Store) -> Option<String> {
    let is_folder = matches!(store.kind, StoreKind::Directory | StoreKind::Archive) && store.path.is_some();
    let lies = store.reach.clone().unwrap_or_default();
    if is_folder {
        return (lies != *at).then(|| format!("{} is a folder {}", store.name, place(&lies)));
    }
    let has_keys = store.access_key.is_some() && store.secret_key.is_some();
    (!has_keys).then(|| format!("the plan names no keys for {}, and those that are found here stay here", store.name))
}

fn place(place: &Place) -> String {
    if place.is_here() { "on this machine".to_owned() } else { format!("at {}", shown(place)) }
}

fn shown(place: &Place) -> String {
    untrusted(place.to_string(), Shape::line(120))
}

/// That all is done at a place, in a sentence.
pub fn there(at: &Place, stores: &[&Store]) -> String {
    let stores: Vec<&str> = stores.iter().map(|store| store.name.as_str()).collect();
    format!("the work is done at {}; the bytes go from there to {}", shown(at), stores.join(" and "))
}

/// That it is done from here, in a sentence.
pub fn from_here(why: &str) -> String {
    format!("the bytes come through this machine: {why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    const PLAN: &str = "[platform]\nname = 'p'\n\
        [[component]]\nname = 'db'\nkind = 'postgres'\n\
        [[component]]\nname = 'etc'\nkind = 'files'\nreach = { ssh = 'there' }\n\
        [[store]]\nname = 'here'\nkind = 'directory'\npath = '/a'\n\
        [[store]]\nname = 'there'\nkind = 'directory'\npath = '/a'\nreach = { ssh = 'there' }\n\
        [[store]]\nname = 'bucket'\nkind = 's3'\nbucket = 'b'\naccess_key = 'env:A'\nsecret_key = 'env:B'\n\
        [[store]]\nname = 'keyless'\nkind = 's3'\nbucket = 'b'\n\
        [[job]]\nname = 'job'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\n";

    fn way(component: usize, at: Option<&str>, stores: &[usize]) -> Result<bool, String> {
        let plan: Plan = toml::from_str(PLAN).unwrap();
        let mut job = plan.job[0].clone();
        job.at = at.map(|host| Place { ssh: Some(host.to_owned()), ..Place::HERE });
        let stores = stores.iter().map(|store| &plan.store[*store]).collect();
        let wanted = Wanted { component: &plan.component[component], job, stores };
        match Way::of(&wanted) {
            Way::Here => Ok(false),
            Way::There(_) => Ok(true),
            Way::FromHere(why) => Err(why),
        }
    }

    #[test]
    fn work_is_done_there_where_everything_can_be_used_from_there() {
        assert_eq!(way(0, None, &[0, 1]), Ok(false));
        assert_eq!(way(0, Some("there"), &[1, 2]), Ok(true));
        assert_eq!(way(0, Some("there"), &[1, 0]), Err("here is a folder on this machine".to_owned()));
        assert_eq!(way(0, Some("other"), &[1]), Err("there is a folder at ssh there".to_owned()));
        assert!(way(0, Some("there"), &[3]).unwrap_err().contains("no keys for keyless"));
        assert_eq!(way(1, Some("there"), &[2]), Ok(true));
        assert_eq!(way(1, Some("other"), &[2]), Err("the files of etc lie at ssh there, not there".to_owned()));
    }
}
