//! Which theme: the user's own file of that name, else the one that is shipped.

use std::path::Path;

use super::{Depth, Marks, Theme};
use crate::plan::{nearest, regular};

/// The themes that are shipped, the usual one first.
pub const SHIPPED: [(&str, &str); 5] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("colour-blind", include_str!("../../../themes/colour-blind.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// Themes are a page long.
const LARGEST: usize = 64 << 10;

/// What is wanted of a theme.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its name, if anybody named one.
    pub name: Option<String>,
    /// How many colours there are.
    pub depth: Depth,
    /// Whether marks have to be plain ASCII.
    pub is_ascii: bool,
}

impl Theme {
    /// The theme that is wanted, with a sentence about each thing that is wrong with it; `folder` holds the user's
    /// own. Whatever is wrong, there is a theme.
    pub fn choose(wanted: &Wanted, folder: Option<&Path>) -> (Theme, Vec<String>) {
        let name = wanted.name.as_deref().unwrap_or(SHIPPED[0].0);
        let (text, mut told) = match text(name, folder) {
            Ok(text) => (text, Vec::new()),
            Err(why) => (SHIPPED[0].1.to_owned(), vec![why]),
        };
        let (mut theme, trouble) = Theme::patched(&text, wanted.depth);
        told.extend(trouble.iter().map(|trouble| format!("theme {name:?}: {trouble}")));
        if wanted.is_ascii {
            theme.marks = Marks::ASCII;
        }
        (theme, told)
    }
}

fn text(name: &str, folder: Option<&Path>) -> Result<String, String> {
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if let Some(folder) = folder.filter(|_| is_name) {
        let path = folder.join(format!("{name}.toml"));
        match regular::text(&path, LARGEST) {
            Ok(text) => return Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("theme {name:?}: {} cannot be read: {error}", path.display())),
        }
    }
    let known = SHIPPED.map(|(name, _)| name);
    match SHIPPED.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok((*text).to_owned()),
        None => Err(match nearest(name, known) {
            Some(likely) => format!("there is no theme {name:?}; did you mean {likely:?}?"),
            None => format!("there is no theme {name:?}; there are {}", known.join(", ")),
        }),
    }
}

/// Whether marks beyond ASCII may be drawn: where the locale says so.
pub fn is_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
    let locale = locale.to_ascii_lowercase().replace('-', "");
    locale.contains("utf8")
}

/// The theme for the background that some terminals tell of: `COLORFGBG=15;0`.
pub fn by_background(variable: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    let told = variable("COLORFGBG")?;
    let background: u8 = told.rsplit(';').next()?.parse().ok()?;
    matches!(background, 7 | 9..=15).then_some("light")
}

#[cfg(test)]
mod tests;
