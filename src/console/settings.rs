//! How the user wants the console: `console.toml`, `keys.toml` and `themes/` in the configuration folder. Whatever
//! is wrong with any of it is told, and the console starts all the same.
//!
//! ```toml
//! theme = "light"
//! colours = "256"      # none, 16, 256 or true
//! ascii = true         # no marks beyond ASCII
//! ```

use std::io::ErrorKind;
use std::path::Path;

use toml::{Table, Value};

use super::Theme;
use super::action::{self, Danger, Keymap};
use super::theme::{Depth, Wanted, by_background, is_unicode};
use crate::plan::{nearest, regular};

/// Settings are a page or two.
const LARGEST: usize = 64 << 10;

/// What the command line asks for; it goes before everything else.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// A theme.
    pub theme: Option<String>,
    /// So many colours.
    pub colours: Option<Depth>,
    /// No colours at all.
    pub no_color: bool,
    /// No marks beyond ASCII.
    pub is_ascii: bool,
    /// Nothing that changes anything.
    pub is_read_only: bool,
}

/// How the console looks and listens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How everything looks.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// What is wrong with the configuration, a sentence each.
    pub notices: Vec<String>,
}

const KEYS: [&str; 3] = ["theme", "colours", "ascii"];

impl Settings {
    /// Puts together what is asked, what the environment says and what lies in the folder, in this order.
    pub fn new(asked: &Asked, variable: impl Fn(&str) -> Option<String>, folder: Option<&Path>) -> Settings {
        let mut notices = Vec::new();
        let file = Configured::read(folder, &mut notices);
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let none = asked.no_color || set("NO_COLOR").is_some();
        let guessed = || Depth::of(&variable);
        let wanted = Wanted {
            name: asked
                .theme
                .clone()
                .or_else(|| set("LIFEBOAT_THEME"))
                .or(file.theme)
                .or_else(|| by_background(&variable).map(str::to_owned)),
            depth: if none { Depth::None } else { asked.colours.or(file.colours).unwrap_or_else(guessed) },
            is_ascii: asked.is_ascii || file.is_ascii || !is_unicode(&variable),
        };
        let (theme, told) = Theme::choose(&wanted, folder.map(|folder| folder.join("themes")).as_deref());
        notices.extend(told);
        let mut keymap = Keymap::new(if asked.is_read_only { Danger::Looks } else { Danger::MOST });
        if let Some(text) = text(folder, "keys.toml", &mut notices) {
            notices.extend(action::read(&text, &mut keymap).iter().map(|trouble| format!("keys.toml: {trouble}")));
        }
        Settings { theme, keymap, notices }
    }
}

/// What `console.toml` says.
#[derive(Default)]
struct Configured {
    theme: Option<String>,
    colours: Option<Depth>,
    is_ascii: bool,
}

impl Configured {
    fn read(folder: Option<&Path>, notices: &mut Vec<String>) -> Configured {
        let mut configured = Configured::default();
        let Some(text) = text(folder, "console.toml", notices) else { return configured };
        let mut wrong = |what: String| notices.push(format!("console.toml: {what}"));
        let table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                wrong(format!("it is no TOML: {}", error.message()));
                return configured;
            }
        };
        for (key, value) in table {
            match (key.as_str(), value) {
                ("theme", Value::String(name)) => configured.theme = Some(name),
                ("colours", Value::String(word)) => match word.parse() {
                    Ok(depth) => configured.colours = Some(depth),
                    Err(words) => wrong(format!("\"colours\" wants {words}, not {word:?}")),
                },
                ("ascii", Value::Boolean(is_ascii)) => configured.is_ascii = is_ascii,
                ("ascii", _) => wrong("\"ascii\" wants true or false".to_owned()),
                (known, _) if KEYS.contains(&known) => wrong(format!("{known:?} wants a word in quotes")),
                (other, _) => wrong(match nearest(other, KEYS) {
                    Some(likely) => format!("there is no key {other:?}; did you mean {likely:?}?"),
                    None => format!("there is no key {other:?}; there are {}", KEYS.join(", ")),
                }),
            }
        }
        configured
    }
}

/// A file of the folder, if it is there.
fn text(folder: Option<&Path>, name: &str, notices: &mut Vec<String>) -> Option<String> {
    match regular::text(&folder?.join(name), LARGEST) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => {
            notices.push(format!("{name} cannot be read: {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::*;
    use crate::console::action::Action;
    use crate::console::terminal::Key;
    use crate::console::{Role, theme::Marks};

    fn with(files: &[(&str, &str)], asked: &Asked, variables: &[(&str, &str)]) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("themes")).unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::new(asked, variable, Some(folder.path()))
    }

    #[test]
    fn the_nearest_wish_counts() {
        let themes = ["one", "two", "three"].map(|name| {
            (
                format!("themes/{name}.toml"),
                format!(
                    "[roles]\nkey = {{ fg = '{}' }}",
                    match name {
                        "one" => "red",
                        "two" => "green",
                        _ => "blue",
                    }
                ),
            )
        });
        let mut files: Vec<(&str, &str)> = themes.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        files.push(("console.toml", "theme = 'three'\nascii = true"));
        let key = |settings: &Settings| settings.theme.style(Role::Key).fg;
        let none = Asked::default();
        let settings = with(&files, &none, &[("LANG", "en_GB.UTF-8")]);
        assert_eq!((key(&settings), settings.theme.marks()), (Some(Color::Blue), &Marks::ASCII));
        assert_eq!(key(&with(&files, &none, &[("LIFEBOAT_THEME", "two")])), Some(Color::Green));
        let asked = Asked { theme: Some("one".to_owned()), ..Asked::default() };
        assert_eq!(key(&with(&files, &asked, &[("LIFEBOAT_THEME", "two")])), Some(Color::Red));
        assert_eq!(key(&with(&files, &asked, &[("NO_COLOR", "1")])), None);
        let no_color = Asked { no_color: true, colours: Some(Depth::True), ..asked };
        assert_eq!(key(&with(&files, &no_color, &[])), None);
    }

    #[test]
    fn mistakes_are_told_and_the_console_starts_all_the_same() {
        let files = [
            ("console.toml", "them = 'dark'\ncolours = 'many'\nascii = 1\ntheme = 3"),
            ("keys.toml", "freze = 'F'\nzone = 'Z'"),
        ];
        let settings = with(&files, &Asked::default(), &[("LIFEBOAT_THEME", "drak")]);
        assert_eq!(
            settings.notices,
            [
                "console.toml: there is no key \"them\"; did you mean \"theme\"?",
                "console.toml: \"colours\" wants none, 16, 256 or true, not \"many\"",
                "console.toml: \"ascii\" wants true or false",
                "console.toml: \"theme\" wants a word in quotes",
                "there is no theme \"drak\"; did you mean \"dark\"?",
                "keys.toml: there is no action \"freze\"; did you mean \"freeze\"?",
            ]
        );
        assert_eq!(settings.keymap.action(Key::char('Z')), Some(Action::Zone));
    }

    #[test]
    fn a_pipe_or_a_device_in_place_of_a_file_holds_nothing_up() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("themes")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("keys.toml")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("themes/odd.toml")).unwrap();
        std::fs::write(folder.path().join("console.toml"), vec![b'#'; LARGEST + 1]).unwrap();
        let asked = Asked { theme: Some("odd".to_owned()), ..Asked::default() };
        let (sender, receiver) = std::sync::mpsc::channel();
        let path = folder.path().to_owned();
        std::thread::spawn(move || sender.send(Settings::new(&asked, |_| None, Some(&path)).notices));
        let notices = receiver.recv_timeout(std::time::Duration::from_secs(10)).unwrap();
        let wanted = ["console.toml cannot be read: it is larger than", "keys.toml cannot be read: it is no regular"];
        assert!(wanted.iter().all(|wanted| notices.iter().any(|notice| notice.starts_with(wanted))), "{notices:?}");
        assert!(notices.iter().any(|notice| notice.contains("odd.toml cannot be read")), "{notices:?}");
    }
}
