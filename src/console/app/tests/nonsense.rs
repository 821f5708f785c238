//! Whatever comes in, there is a picture.

use proptest::prelude::*;

use super::Trial;
use crate::console::app::Message;
use crate::console::screens;
use crate::console::terminal::{Code, Event, Key, Mouse, Size};

fn event() -> impl Strategy<Value = Event> {
    let code = prop_oneof![
        3 => any::<char>().prop_map(Code::Char),
        3 => proptest::char::range(' ', '~').prop_map(Code::Char),
        1 => Just(Code::Enter),
        1 => Just(Code::Escape),
        1 => Just(Code::Tab),
        1 => Just(Code::Backspace),
        1 => Just(Code::PageDown),
        1 => Just(Code::End),
    ];
    let key = (code, any::<bool>(), any::<bool>())
        .prop_map(|(code, ctrl, shift)| Event::Key(Key { code, ctrl, alt: false, shift }));
    let press = (0_u16..90, 0_u16..30).prop_map(|(column, line)| Event::Mouse(Mouse::Press { column, line }));
    prop_oneof![
        8 => key,
        1 => "\\PC{0,40}".prop_map(Event::Paste),
        1 => press,
        1 => Just(Event::Mouse(Mouse::WheelUp)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is typed, pasted and clicked at whatever size, there is a picture, and nothing in it can steer a
    /// terminal.
    #[test]
    fn nonsense_never_breaks_it(
        events in proptest::collection::vec(event(), 0..60),
        width in 0_u16..140,
        height in 0_u16..50,
    ) {
        let mut trial = Trial::with(screens::all());
        trial.tell(Message::Size(Size { width, height }));
        for event in events {
            trial.tell(Message::Input(event));
            let buffer = trial.app.draw();
            for cell in buffer.content() {
                prop_assert!(!cell.symbol().chars().any(char::is_control), "{:?}", cell.symbol());
            }
        }
        trial.app.overlay = None;
        trial.keys("ctrl-c ctrl-c ctrl-c");
    }
}
