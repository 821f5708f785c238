//! Themes: how each role of text looks, and which marks stand for the verdicts.

mod choose;
mod depth;
mod file;
mod marks;
mod role;

pub use choose::{SHIPPED, Wanted, by_background, is_unicode};
pub use depth::Depth;
pub use file::ThemeTrouble;
pub use marks::Marks;
pub use role::Role;

use ratatui::style::{Color, Modifier, Style};

/// How everything looks.
#[derive(Clone, Debug)]
pub struct Theme {
    styles: [Style; Role::ALL.len()],
    marks: Marks,
}

impl Theme {
    /// How text of a role looks.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// What stands for verdicts, graphs and lines.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }
}

/// The sixteen colours every terminal has, on its own background.
impl Default for Theme {
    fn default() -> Theme {
        Theme { styles: Role::ALL.map(sixteen), marks: Marks::UNICODE }
    }
}

fn sixteen(role: Role) -> Style {
    let on = |background| Style::new().fg(Color::Black).bg(background).add_modifier(Modifier::BOLD);
    match role {
        Role::Text => Style::new(),
        Role::Dim | Role::Rule => Style::new().fg(Color::DarkGray),
        Role::Strong | Role::Title => Style::new().add_modifier(Modifier::BOLD),
        Role::Selected => Style::new().add_modifier(Modifier::REVERSED),
        Role::Key | Role::Graph => Style::new().fg(Color::Cyan),
        Role::Healthy => Style::new().fg(Color::Green),
        Role::Degraded => Style::new().fg(Color::Yellow),
        Role::Down => Style::new().fg(Color::LightRed).add_modifier(Modifier::BOLD),
        Role::Unknown => Style::new().fg(Color::Magenta),
        Role::Stale => Style::new().fg(Color::DarkGray).add_modifier(Modifier::ITALIC),
        Role::Banner => on(Color::Yellow),
        Role::Production => Style::new().fg(Color::White).bg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Drill => on(Color::LightMagenta),
        Role::Lab => on(Color::Green),
        Role::ReadOnly => on(Color::Cyan),
        Role::Input => Style::new().add_modifier(Modifier::UNDERLINED),
        Role::Found => Style::new().add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
    }
}
