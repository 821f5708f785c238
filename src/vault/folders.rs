//! Which folder of a store belongs to which component.

use std::collections::BTreeMap;

use crate::plan::types::{Component, Kind, Plan, Task};

/// The folder of each component that the plan backs up.
///
/// The only one of its kind has the folder that the kind is known by; of several each has one of its own name.
#[derive(Clone, Debug, Default)]
pub struct Folders(BTreeMap<String, String>);

impl Folders {
    /// Those of a plan.
    pub fn of(plan: &Plan) -> Folders {
        let is_backed_up = |component: &&Component| {
            plan.job.iter().any(|job| job.task == Task::Backup && job.of.as_ref() == Some(&component.name))
        };
        let kept: Vec<&Component> = plan.component.iter().filter(is_backed_up).collect();
        let folder = |component: &Component| {
            let is_alone = kept.iter().filter(|other| other.kind == component.kind).count() == 1;
            match component.kind {
                Kind::Postgres | Kind::Redis | Kind::Rabbitmq if is_alone => component.kind.word().to_owned(),
                Kind::Files if is_alone => "config".to_owned(),
                _ => component.name.clone(),
            }
        };
        Folders(kept.iter().map(|component| (folder(component), component.name.clone())).collect())
    }

    /// The folder of a component; its own name, where the plan backs it up nowhere.
    pub fn of_component<'a>(&'a self, component: &'a str) -> &'a str {
        self.0.iter().find(|(_, known)| *known == component).map_or(component, |(folder, _)| folder)
    }

    /// The component that a folder belongs to.
    pub fn component(&self, folder: &str) -> Option<&str> {
        self.0.get(folder).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(components: &[(&str, &str)]) -> Plan {
        let of = |(name, kind): &(&str, &str)| {
            format!(
                "[[component]]\nname = '{name}'\nkind = '{kind}'\n[[job]]\nname = '{name}-daily'\ndo = 'backup'\nof = '{name}'\n"
            )
        };
        let text: String = components.iter().map(of).collect();
        toml::from_str(&format!("[platform]\nname = 'p'\n{text}")).unwrap()
    }

    #[test]
    fn the_only_one_of_its_kind_has_the_folder_of_the_kind() {
        let folders = Folders::of(&plan(&[("agents", "postgres"), ("cache", "redis"), ("settings", "files")]));
        assert_eq!(folders.component("postgres"), Some("agents"));
        assert_eq!((folders.component("redis"), folders.component("config")), (Some("cache"), Some("settings")));
        assert_eq!(folders.component("agents"), None);
    }

    #[test]
    fn of_several_each_has_its_own() {
        let folders = Folders::of(&plan(&[("agents", "postgres"), ("orders", "postgres")]));
        assert_eq!((folders.component("agents"), folders.component("orders")), (Some("agents"), Some("orders")));
        assert_eq!(folders.component("postgres"), None, "nobody knows whose it is");
    }
}
