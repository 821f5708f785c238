//! The screen as files, to be shown to others: as text, and with its looks.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::console::terminal::Encoder;
use crate::journal::State;
use crate::text::{Explain, instant};
use ratatui::buffer::Buffer;

/// Writes a picture into the folder `screens` of the state; says where, or why not.
pub(super) fn save(state: &Path, group: Option<&str>, picture: &Buffer, at: DateTime<Utc>) -> String {
    let folder = match State::open(state, group).and_then(|state| state.room("screens")) {
        Ok(folder) => folder,
        Err(error) => return format!("the screen was not saved: {error}; {}", error.next_step()),
    };
    match write(&folder, picture, at) {
        // The name stands first: a narrow terminal shows the beginning only.
        Ok(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            format!("saved as {name}, and with its colours as .ansi, in {}", folder.display())
        }
        Err(error) => format!("the screen was not saved: {} cannot be written: {error}", folder.display()),
    }
}

fn write(folder: &Path, picture: &Buffer, at: DateTime<Utc>) -> io::Result<PathBuf> {
    let name = instant::stamp(at).replace(':', "");
    let path = folder.join(format!("{name}.txt"));
    private(&path, text(picture).as_bytes())?;
    private(&folder.join(format!("{name}.ansi")), &ansi(picture))?;
    Ok(path)
}

/// What is on the screen may be nobody else's business.
fn private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

fn text(picture: &Buffer) -> String {
    let area = picture.area;
    let line = |y| {
        let cells = (area.left()..area.right()).filter_map(|x| picture.cell((x, y)));
        let line: String = cells.map(ratatui::buffer::Cell::symbol).collect();
        format!("{}\n", line.trim_end())
    };
    (area.top()..area.bottom()).map(line).collect()
}

/// What a terminal makes the same picture of: `cat` shows it.
fn ansi(picture: &Buffer) -> Vec<u8> {
    let mut bytes = Encoder::default().whole(picture).to_vec();
    bytes.extend_from_slice(format!("\x1b[m\x1b[{}H\r\n", picture.area.height).as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use ratatui::style::{Color, Style};

    use super::*;

    #[test]
    fn the_screen_is_written_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let mut picture = Buffer::empty(ratatui::layout::Rect::new(0, 0, 20, 2));
        picture.set_string(0, 0, "down", Style::new().fg(Color::Red));
        let told = save(&folder.path().join("state"), None, &picture, DateTime::UNIX_EPOCH);
        let path = folder.path().join("state/screens/1970-01-01T000000.000Z.txt");
        let (name, place) = (path.file_name().unwrap(), path.parent().unwrap());
        let beginning = format!("saved as {},", name.to_str().unwrap());
        assert!(told.starts_with(&beginning) && told.ends_with(place.to_str().unwrap()), "{told}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "down\n\n");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let mut terminal = vt100::Parser::new(3, 20, 0);
        terminal.process(&std::fs::read(path.with_extension("ansi")).unwrap());
        assert_eq!(terminal.screen().cell(0, 0).unwrap().fgcolor(), vt100::Color::Idx(1));
        let again = save(&folder.path().join("state"), None, &picture, DateTime::UNIX_EPOCH);
        assert!(again.contains("not saved"), "nothing is overwritten: {again}");
    }
}
