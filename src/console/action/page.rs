//! The documentation of the keys, as `assets/keys.md` holds it; a test compares.

use std::fmt::Write;

use super::{Danger, Info, Scope};

const HEAD: &str = "\
# The keys of the console

Made from the registry of actions; `?` in the console shows the same with your own keys.

`keys.toml` in the configuration folder (`lifeboat paths` says where) gives other keys to an action: a key or a list
of keys, named as here, with `ctrl-`, `alt-` and `shift-` before them.

    freeze = \"F\"
    quit = [\"q\", \"ctrl-q\"]
    mouse = []
";

/// The page.
pub fn page() -> String {
    let mut text = HEAD.to_owned();
    for (scope, title) in [
        (Scope::Console, "Everywhere"),
        (Scope::Screen, "On every screen"),
        (Scope::Offered, "Where the footer offers it"),
    ] {
        let _ = write!(text, "\n## {title}\n\n| action | keys | does | |\n|---|---|---|---|\n");
        for info in Info::all().filter(|info| info.scope == scope) {
            let keys: Vec<String> = info.keys.iter().map(|key| format!("`{key}`")).collect();
            let danger = if info.danger == Danger::Looks { "" } else { info.danger.word() };
            let _ = writeln!(text, "| `{}` | {} | {} | {danger} |", info.name, keys.join(", "), info.title);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_is_shipped_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/keys.md");
        if std::env::var_os("LIFEBOAT_WRITE_PAGES").is_some() {
            std::fs::write(path, page()).unwrap();
        }
        let shipped = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(shipped, page(), "LIFEBOAT_WRITE_PAGES=1 with this test writes it anew");
    }
}
