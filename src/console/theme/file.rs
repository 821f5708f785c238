//! A theme as a file: a patch over the default, so that an old one survives a new role.
//!
//! ```toml
//! [roles]
//! degraded = { fg = "yellow", bold = true }
//! [rich]                                     # where the terminal has more than sixteen colours
//! text = { fg = "#d8dee9", bg = "#10141c" }
//! ```

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};
use toml::{Table, Value};

use super::{Depth, Role, Theme};
use crate::plan::nearest;

const SECTIONS: [&str; 2] = ["roles", "rich"];
const KEYS: [&str; 7] = ["fg", "bg", "bold", "dim", "italic", "underline", "reverse"];
const COLOURS: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("dark-gray", Color::DarkGray),
    ("light-red", Color::LightRed),
    ("light-green", Color::LightGreen),
    ("light-yellow", Color::LightYellow),
    ("light-blue", Color::LightBlue),
    ("light-magenta", Color::LightMagenta),
    ("light-cyan", Color::LightCyan),
    ("white", Color::White),
];

/// What is wrong with a theme's file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeTrouble {
    /// It cannot be read as TOML.
    #[error("it is no TOML: {0}")]
    NoToml(String),
    /// A name means nothing here.
    #[error("there is no {what} {name:?}{}", likely.map_or_else(String::new, |likely| format!("; did you mean {likely:?}?")))]
    Unknown {
        /// What sort of name.
        what: &'static str,
        /// What was written.
        name: String,
        /// What was probably meant.
        likely: Option<&'static str>,
    },
    /// A value of the wrong type.
    #[error("{0:?} wants {1}")]
    Wrong(String, &'static str),
}

impl Theme {
    /// The default with the patches of a file over it, as far as they can be understood.
    pub fn patched(text: &str, depth: Depth) -> (Theme, Vec<ThemeTrouble>) {
        let mut theme = Theme::default();
        let mut trouble = Vec::new();
        match text.parse::<Table>() {
            Ok(table) => theme.patch(&table, depth, &mut trouble),
            Err(error) => trouble.push(ThemeTrouble::NoToml(error.message().to_owned())),
        }
        for style in &mut theme.styles {
            *style = depth.limit(*style);
        }
        (theme, trouble)
    }

    fn patch(&mut self, table: &Table, depth: Depth, trouble: &mut Vec<ThemeTrouble>) {
        for name in table.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            trouble.push(unknown("section", name, SECTIONS));
        }
        for section in SECTIONS {
            let Some(value) = table.get(section) else { continue };
            let Some(roles) = value.as_table() else {
                trouble.push(ThemeTrouble::Wrong(section.to_owned(), "roles, each with its colours"));
                continue;
            };
            let counts = section == "roles" || depth > Depth::Sixteen;
            for (name, value) in roles {
                let role = Role::ALL.into_iter().find(|role| role.name() == name);
                let Some(role) = role else {
                    trouble.push(unknown("role", name, Role::ALL.map(Role::name)));
                    continue;
                };
                let style = patch(self.style(role), name, value, trouble);
                if counts {
                    self.styles[role as usize] = style;
                }
            }
        }
    }
}

fn patch(mut style: Style, role: &str, value: &Value, trouble: &mut Vec<ThemeTrouble>) -> Style {
    let Some(table) = value.as_table() else {
        trouble.push(ThemeTrouble::Wrong(role.to_owned(), "a table, like { fg = \"red\", bold = true }"));
        return style;
    };
    for (key, value) in table {
        match (key.as_str(), value) {
            ("fg" | "bg", Value::String(text)) => match text.parse::<Named>() {
                Ok(Named(colour)) if key == "fg" => style = style.fg(colour),
                Ok(Named(colour)) => style = style.bg(colour),
                Err(error) => trouble.push(error),
            },
            ("fg" | "bg", _) => {
                trouble.push(ThemeTrouble::Wrong(format!("{role}.{key}"), "a colour, like \"red\" or \"#d75f00\""));
            }
            (word, Value::Boolean(is_on)) if KEYS.contains(&word) => {
                let modifier = modifier(word);
                style = if *is_on { style.add_modifier(modifier) } else { style.remove_modifier(modifier) };
            }
            (word, _) if KEYS.contains(&word) => {
                trouble.push(ThemeTrouble::Wrong(format!("{role}.{word}"), "true or false"));
            }
            (word, _) => trouble.push(unknown("key", word, KEYS)),
        }
    }
    style
}

fn modifier(word: &str) -> Modifier {
    match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => Modifier::empty(),
    }
}

fn unknown(what: &'static str, name: &str, known: impl IntoIterator<Item = &'static str>) -> ThemeTrouble {
    ThemeTrouble::Unknown { what, name: name.chars().take(60).collect(), likely: nearest(name, known) }
}

/// A colour as it is written: a name, or `#rrggbb`.
struct Named(Color);

impl FromStr for Named {
    type Err = ThemeTrouble;

    fn from_str(text: &str) -> Result<Named, ThemeTrouble> {
        if let Some((_, colour)) = COLOURS.iter().find(|(name, _)| *name == text) {
            return Ok(Named(*colour));
        }
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        if let Some(number) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            let [_, red, green, blue] = number.to_be_bytes();
            return Ok(Named(Color::Rgb(red, green, blue)));
        }
        Err(unknown("colour", text, COLOURS.map(|(name, _)| name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        Theme::patched(text, Depth::True).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let text = "[roles]\ndown = { fg = 'blue', bold = false }\n[rich]\ntext = { fg = '#010203', bg = 'black' }";
        let (theme, trouble) = Theme::patched(text, Depth::True);
        assert_eq!(trouble, []);
        assert_eq!(theme.style(Role::Down).fg, Some(Color::Blue));
        assert!(!theme.style(Role::Down).add_modifier.contains(Modifier::BOLD));
        assert_eq!(theme.style(Role::Text).fg, Some(Color::Rgb(1, 2, 3)));
        assert_eq!(theme.style(Role::Healthy), Theme::default().style(Role::Healthy));
        let (poor, _) = Theme::patched(text, Depth::Sixteen);
        assert_eq!(poor.style(Role::Text), Style::new(), "sixteen colours get the plain part only");
    }

    #[test]
    fn mistakes_are_told_with_what_was_probably_meant() {
        let text = "[roles]\nhealty = {}\ndown = { fg = 'redd', bg = '#12', blod = true }\nkey = 'red'\n[rcih]";
        assert_eq!(
            told(text),
            [
                "there is no section \"rcih\"; did you mean \"rich\"?",
                "there is no role \"healty\"; did you mean \"healthy\"?",
                "there is no colour \"redd\"; did you mean \"red\"?",
                "there is no colour \"#12\"",
                "there is no key \"blod\"; did you mean \"bold\"?",
                "\"key\" wants a table, like { fg = \"red\", bold = true }",
            ]
        );
        assert!(told("[roles\n")[0].starts_with("it is no TOML"));
        assert_eq!(told("[roles]\ndown = { fg = 7, bold = 'yes' }").len(), 2);
        assert_eq!(told("roles = 1").len(), 1);
    }
}
