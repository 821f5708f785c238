//! The clipboard of the one at the terminal, through the terminal itself: OSC 52, which goes over SSH.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::text::Size;

/// What terminals take without complaint; more would be cut without a word.
const MOST: usize = 64 * 1024;

/// Why a text cannot be copied, if so.
pub fn refusal(text: &str) -> Option<String> {
    let sizes = || (Size(text.len() as u64).approx(), Size(MOST as u64).approx());
    match text.len() {
        0 => Some("there is nothing to copy".to_owned()),
        length if length > MOST => {
            let (size, most) = sizes();
            Some(format!("{size} is too much for the clipboard of a terminal, which takes {most}"))
        }
        _ => None,
    }
}

/// What puts a text on the clipboard. Nothing of the text itself can steer the terminal.
pub fn sequence(text: &str) -> Vec<u8> {
    format!("\x1b]52;c;{}\x1b\\", BASE64.encode(text)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_travels_encoded() {
        assert_eq!(sequence("db-1\x1b[2J"), b"\x1b]52;c;ZGItMRtbMko=\x1b\\");
        assert_eq!(refusal("db-1"), None);
    }

    #[test]
    fn too_much_and_nothing_are_refused_with_a_word() {
        assert!(refusal("").is_some());
        assert_eq!(refusal(&"x".repeat(MOST)), None);
        let told = refusal(&"x".repeat(2 * MOST)).unwrap();
        assert!(told.starts_with("131KB is too much"), "{told}");
    }
}
