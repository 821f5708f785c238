//! The lines under the navigation that must not be overlooked.

use crate::console::app::Banner;
use crate::console::{Canvas, Role};

/// Draws as many as there is room for and says how many lines that took; the last one tells of the rest.
pub fn banners(banners: &[Banner], canvas: &mut Canvas<'_>) -> u16 {
    let room = usize::from(canvas.height());
    let hidden = banners.len().saturating_sub(room);
    for (banner, y) in banners.iter().take(room).zip(0..) {
        let mut line = canvas.part(0, y, u16::MAX, 1);
        line.put(1, 0, &banner.text, banner.role);
        if hidden > 0 && usize::from(y) + 1 == room {
            line.put_right(0, &format!(" and {hidden} more "), banner.role);
        }
        if banner.role == Role::Banner {
            line.paint(Role::Banner);
        }
    }
    u16::try_from(banners.len().min(room)).unwrap_or(0)
}
