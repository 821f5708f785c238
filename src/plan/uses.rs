//! What a plan uses all over: its secrets and the places that commands go to, each with where it is named.

use super::types::{Component, Plan, Store};
use super::{Place, SecretRef};

/// A secret, and who uses it.
#[derive(Clone, Copy, Debug)]
pub struct UsedSecret<'a> {
    /// The list of the plan, the entry's name, and its key.
    pub at: (&'static str, &'a str, &'static str),
    /// Where it is found.
    pub secret: &'a SecretRef,
    /// Whether it names whoever asks and is shown freely, as the id of an access key.
    pub is_name: bool,
}

/// A place, and what is there.
#[derive(Clone, Copy, Debug)]
pub struct UsedPlace<'a> {
    /// The list of the plan, the entry's name, and its key.
    pub at: (&'static str, &'a str, &'static str),
    /// How to get there.
    pub place: &'a Place,
}

impl Component {
    /// Every secret that it is asked with.
    pub fn secrets(&self) -> impl Iterator<Item = UsedSecret<'_>> {
        let used = |key, is_name| move |secret| UsedSecret { at: ("component", &self.name, key), secret, is_name };
        let bucket = self.bucket.as_ref();
        let access = bucket.and_then(|bucket| bucket.access_key.as_ref()).map(used("bucket", true));
        let secret = bucket.and_then(|bucket| bucket.secret_key.as_ref()).map(used("bucket", false));
        let key = self.dns.as_ref().and_then(|dns| dns.key.as_ref()).map(used("dns", false));
        let backup = self.backup_as.as_ref().and_then(|login| login.password.as_ref()).map(used("backup_as", false));
        self.password
            .as_ref()
            .map(used("password", false))
            .into_iter()
            .chain(access)
            .chain(secret)
            .chain(key)
            .chain(backup)
    }

    /// Those that it is asked with; what changes something, or copies all of it, is of no use to who only asks.
    pub fn asked_with(&self) -> impl Iterator<Item = UsedSecret<'_>> {
        self.secrets().filter(|used| !["dns", "backup_as"].contains(&used.at.2))
    }
}

impl Store {
    /// Every secret that it is written with.
    pub fn written_with(&self) -> impl Iterator<Item = UsedSecret<'_>> {
        let used = |key, is_name| move |secret| UsedSecret { at: ("store", &self.name, key), secret, is_name };
        let access = self.access_key.as_ref().map(used("access_key", true));
        let secret = self.secret_key.as_ref().map(used("secret_key", false));
        access.into_iter().chain(secret)
    }
}

impl Plan {
    /// Every secret that it refers to, as often as it is used.
    pub fn secrets(&self) -> impl Iterator<Item = UsedSecret<'_>> {
        let stores = self.store.iter().flat_map(|store| {
            let used = |key, is_name| move |secret| UsedSecret { at: ("store", &store.name, key), secret, is_name };
            let identity = store.decrypt_with.as_ref().map(used("decrypt_with", false));
            store.written_with().chain(identity)
        });
        let channels = self.channel.iter().filter_map(|channel| {
            let secret = channel.secret.as_ref()?;
            Some(UsedSecret { at: ("channel", &channel.name, "secret"), secret, is_name: false })
        });
        self.component.iter().flat_map(Component::secrets).chain(stores).chain(channels)
    }

    /// Every place that it names, as often as it does.
    pub fn places(&self) -> impl Iterator<Item = UsedPlace<'_>> {
        let components = self.component.iter().map(|it| ("component", &it.name, "reach", it.reach.as_ref()));
        let vantages = self.vantage.iter().map(|it| ("vantage", &it.name, "reach", Some(&it.reach)));
        let jobs = self.job.iter().map(|it| ("job", &it.name, "at", it.at.as_ref()));
        let stores = self.store.iter().map(|it| ("store", &it.name, "reach", it.reach.as_ref()));
        let all = components.chain(jobs).chain(stores).chain(vantages);
        all.filter_map(|(list, name, key, place)| Some(UsedPlace { at: (list, name, key), place: place? }))
    }

    /// The first host that is reached over ssh.
    pub fn first_ssh(&self) -> Option<&str> {
        self.places().find_map(|used| used.place.ssh.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "[platform]\nname = 'p'\n\
        [[component]]\nname = 'db'\nkind = 'postgres'\npassword = 'env:A'\nreach = { docker = 'db' }\n\
        [[component]]\nname = 'b'\nkind = 's3-bucket'\n[component.bucket]\naccess_key = 'env:B'\nsecret_key = 'env:C'\n\
        [[component]]\nname = 'd'\nkind = 'dns-name'\n[component.dns]\nkey = 'env:D'\n\
        [[store]]\nname = 's'\nkind = 's3'\naccess_key = 'env:E'\nsecret_key = 'env:F'\ndecrypt_with = 'env:H'\n\
        [[channel]]\nname = 'c'\nkind = 'webhook'\nsecret = 'env:G'\n\
        [[vantage]]\nname = 'v'\nreach = { ssh = 'eyes' }\n";

    #[test]
    fn every_secret_and_every_place_is_among_them() {
        let plan: Plan = toml::from_str(PLAN).unwrap();
        let secrets: Vec<String> = plan.secrets().map(|used| used.secret.to_string()).collect();
        assert_eq!(secrets, ["env:A", "env:B", "env:C", "env:D", "env:E", "env:F", "env:H", "env:G"]);
        let names: Vec<String> =
            plan.secrets().filter(|used| used.is_name).map(|used| used.secret.to_string()).collect();
        assert_eq!(names, ["env:B", "env:E"]);
        let places: Vec<String> = plan.places().map(|used| used.place.to_string()).collect();
        assert_eq!(places, ["container db", "ssh eyes"]);
        assert_eq!(plan.first_ssh(), Some("eyes"));
    }
}
