use proptest::prelude::*;

use super::*;

fn all(bytes: &[u8]) -> Vec<Event> {
    let (mut input, mut events) = (Input::default(), Vec::new());
    input.feed(bytes, &mut events);
    while input.patience().is_some() {
        input.give_up(&mut events);
    }
    events
}

fn keys(bytes: &[u8]) -> String {
    let name = |event: &Event| match event {
        Event::Key(key) => key.to_string(),
        other => format!("{other:?}"),
    };
    all(bytes).iter().map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_terminals_send_for_their_keys() {
    for (bytes, name) in [
        ("a", "a"),
        ("G", "G"),
        ("é", "é"),
        ("漢", "漢"),
        ("\u{1f600}", "\u{1f600}"),
        ("\r", "enter"),
        ("\n", "enter"),
        ("\t", "tab"),
        ("\x7f", "backspace"),
        ("\x08", "backspace"),
        ("\x03", "ctrl-c"),
        ("\x1a", "ctrl-z"),
        ("\x1c", "ctrl-\\"),
        ("\0", "ctrl-space"),
        ("\x1b", "esc"),
        ("\x1b\x1b", "esc esc"),
        ("\x1bx", "alt-x"),
        ("\x1b[", "alt-["),
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[1;5D", "ctrl-left"),
        ("\x1b[1;2P", "shift-f1"),
        ("\x1bOP", "f1"),
        ("\x1b[[A", "f1"),
        ("\x1b[11~", "f1"),
        ("\x1b[15~", "f5"),
        ("\x1b[17~", "f6"),
        ("\x1b[24~", "f12"),
        ("\x1b[H", "home"),
        ("\x1b[1~", "home"),
        ("\x1b[4~", "end"),
        ("\x1b[5~", "page-up"),
        ("\x1b[6;5~", "ctrl-page-down"),
        ("\x1b[3~", "delete"),
        ("\x1b[Z", "shift-tab"),
        ("\x1b[99;5u", "ctrl-c"),
        ("\x1b[27;5;99~", "ctrl-c"),
        ("\x1b\x1b[A", "esc up"),
    ] {
        assert_eq!(keys(bytes.as_bytes()), name, "{bytes:?}");
    }
}

#[test]
fn what_nobody_understands_is_swallowed_whole() {
    for bytes in [
        "\x1b[?62;22c",
        "\x1b[24;80R",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
        "\x1b]0;title\x07",
        "\x1bP1$r0m\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
        "\x1b[I",
        "\x1b[O",
        "\x1b[201~",
        "\x1b[999999999999999999999~",
        "\x1b[1 q",
        "\u{9b}",
    ] {
        assert_eq!(keys(format!("{bytes}x").as_bytes()), "x", "{bytes:?}");
    }
    assert_eq!(keys(b"\x1b[12;"), "", "it broke off");
    assert_eq!(keys(b"\xff\xfex"), "x", "no text at all");
    assert_eq!(keys(b"\x1b[3\x03"), "ctrl-c", "a sequence that broke off does not take the next key with it");
}

#[test]
fn a_paste_is_one_event_however_long() {
    let line = "rm -rf /\r\n";
    let text = line.repeat(1000);
    let bytes = format!("a\x1b[200~{text}\x1b[201~b");
    let expected = vec![Event::Key(Key::char('a')), Event::Paste(text), Event::Key(Key::char('b'))];
    assert_eq!(all(bytes.as_bytes()), expected);
    for size in [1, 3, 7, 4096] {
        let (mut input, mut events) = (Input::default(), Vec::new());
        bytes.as_bytes().chunks(size).for_each(|chunk| input.feed(chunk, &mut events));
        assert_eq!(events, expected, "in pieces of {size}");
    }
}

#[test]
fn a_paste_without_end_ends_by_itself_and_a_huge_one_is_bounded() {
    assert_eq!(all(b"\x1b[200~half\x1b[20"), [Event::Paste("half\x1b[20".to_owned())]);
    let huge = format!("\x1b[200~{}\x1b[201~", "x".repeat(3 * LONGEST_PASTE));
    assert_eq!(all(huge.as_bytes()), [Event::Paste("x".repeat(LONGEST_PASTE))]);
}

#[test]
fn the_mouse_presses_and_scrolls() {
    let press = Event::Mouse(Mouse::Press { column: 9, line: 4 });
    assert_eq!(all(b"\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M"), [press, Event::Mouse(Mouse::WheelUp)]);
}

proptest! {
    /// However the bytes are cut into reads, the events are the same.
    #[test]
    fn pieces_change_nothing(bytes in nonsense(), cut in 1_usize..9) {
        let (mut input, mut events) = (Input::default(), Vec::new());
        bytes.chunks(cut).for_each(|chunk| input.feed(chunk, &mut events));
        while input.patience().is_some() {
            input.give_up(&mut events);
        }
        prop_assert_eq!(events, all(&bytes));
    }

    #[test]
    fn no_key_is_a_control_character(bytes in nonsense()) {
        for event in all(&bytes) {
            if let Event::Key(Key { code: Code::Char(c), .. }) = event {
                prop_assert!(!c.is_control());
            }
        }
    }
}

/// Bytes in which sequences are likely.
fn nonsense() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        Just(b"\x1b".to_vec()),
        Just(b"\x1b[".to_vec()),
        Just(b"\x1b[200~".to_vec()),
        Just(b"\x1b[201~".to_vec()),
        Just(b"\x1b]".to_vec()),
        Just("é漢".as_bytes().to_vec()),
        "[0-9;<>?~A-Zmu]{1,4}".prop_map(String::into_bytes),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}
