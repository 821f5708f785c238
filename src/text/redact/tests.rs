use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose as b64;
use proptest::prelude::*;

use super::*;

fn knowing(secrets: &[&[u8]]) -> Redactor {
    let redactor = Redactor::new();
    for secret in secrets {
        assert!(redactor.register(secret));
    }
    redactor
}

#[test]
fn a_secret_is_stripped_however_it_is_written() {
    let redactor = knowing(&["pä\"ss wört/+1".as_bytes()]);
    for text in [
        "pä\"ss wört/+1",
        "p%C3%A4%22ss%20w%C3%B6rt%2F%2B1",
        "p%c3%a4%22ss%20w%c3%b6rt/%2b1",
        "p%C3%A4%22ss+w%C3%B6rt%2F%2B1",
        r#"pä\"ss wört\/+1"#,
        r#"p\u00e4\"ss w\u00F6rt\u002f+1"#,
        "cMOkInNzIHfDtnJ0LysxLy8v",
        "70c3a4227373207 no",
    ] {
        let shown = redactor.redact(&format!("before {text} after")).into_owned();
        if text.ends_with("no") {
            assert_eq!(shown, format!("before {text} after"));
        } else {
            assert!(shown.starts_with("before [***]") && shown.ends_with(" after"), "{text} became {shown}");
        }
    }
}

#[test]
fn overlapping_secrets_leave_nothing_of_either() {
    let redactor = knowing(&[b"abcdefgh", b"fghijklm", b"cdefgh"]);
    assert_eq!(redactor.redact("-abcdefghijklm-"), "-[***]-");
    assert_eq!(redactor.redact("-abcdefghabcdefgh-"), "-[***][***]-");
}

#[test]
fn a_text_without_secrets_is_not_even_copied() {
    assert!(matches!(Redactor::new().redact("anything"), Cow::Borrowed(_)));
    let redactor = knowing(&[b"hunter2hunter2"]);
    assert!(matches!(redactor.redact("the hunt is on, 100% of it"), Cow::Borrowed(_)));
    assert!(matches!(redactor.redact("h"), Cow::Borrowed(_)));
}

#[test]
fn short_values_are_not_taken() {
    assert!(!Redactor::new().register(b"12345"));
}

#[test]
fn clones_share_what_is_registered() {
    let one = Redactor::new();
    let other = one.clone();
    one.register(b"hunter2");
    assert_eq!(other.redact("hunter2!"), "[***]!");
    assert!(!format!("{other:?}").contains("hunter"));
}

#[test]
fn what_cannot_become_a_secret_is_passed_on_at_once() {
    let mut filter = knowing(&[b"hunter2hunter2"]).stream();
    let mut out = Vec::new();
    filter.push(b"progress 10%, hunt", &mut out);
    assert_eq!(out, b"progress 10%, ");
    filter.push(b"ing", &mut out);
    assert_eq!(out, b"progress 10%, hunting");
}

#[test]
fn a_wall_of_backslashes_takes_no_longer_than_other_text() {
    let redactor = knowing(&[&[b'\\'; 200]]);
    let text = "\\".repeat(199) + "x";
    assert!(redactor.redact(&text).contains('x'));
}

#[test]
fn the_writer_strips_across_writes_and_writes_the_rest() {
    let redactor = knowing(&[b"hunter2hunter2"]);
    let mut written = Vec::new();
    let mut writer = redactor.writer(&mut written);
    for piece in ["a hunter", "2hun", "ter2 b hunter2"] {
        std::io::Write::write_all(&mut writer, piece.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), "a [***] b hunter2");
}

fn encodings(secret: &str, before: &str, after: &str) -> Vec<String> {
    let around = format!("{before}{secret}{after}");
    let percent = |upper: bool| {
        let mut text = String::new();
        for byte in secret.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => text.push(char::from(byte)),
                _ if upper => write!(text, "%{byte:02X}").unwrap(),
                _ => write!(text, "%{byte:02x}").unwrap(),
            }
        }
        text
    };
    let mut utf16 = String::new();
    secret.encode_utf16().for_each(|unit| write!(utf16, "\\u{unit:04x}").unwrap());
    let mut hex = String::new();
    secret.bytes().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
    vec![
        secret.to_owned(),
        percent(true),
        percent(false),
        percent(true).replace("%20", "+"),
        serde_json::to_string(secret).unwrap(),
        utf16,
        b64::STANDARD.encode(&around),
        b64::STANDARD_NO_PAD.encode(&around),
        b64::URL_SAFE.encode(&around),
        b64::URL_SAFE_NO_PAD.encode(&around),
        hex,
    ]
}

/// Whether any form of the secret can be read from the text.
fn leaks(text: &str, secret: &str) -> bool {
    let plain = encodings(secret, "", "").into_iter().take(6).any(|form| text.contains(form.trim_matches('"')));
    plain || text.contains(&b64::STANDARD_NO_PAD.encode(secret)[..secret.len() * 8 / 6])
}

proptest! {
    #[test]
    fn no_encoding_hides_a_secret(
        secret in "[ -~äß漢🚒]{6,24}", before in "[a-z]{0,4}", after in "[a-z]{0,4}", noise in "[ -~]{0,20}",
    ) {
        let redactor = knowing(&[secret.as_bytes()]);
        for text in encodings(&secret, &before, &after) {
            let shown = redactor.redact(&format!("{noise}<{text}>{noise}")).into_owned();
            prop_assert!(shown.contains(PLACEHOLDER), "{text} became {shown}");
            prop_assert!(!leaks(&shown.replace(PLACEHOLDER, "\0"), &secret) || noise.contains(&secret), "{shown}");
        }
    }

    #[test]
    fn pieces_give_the_same_as_the_whole(
        secrets in proptest::collection::vec("[ab%\\\\ u]{6,10}|[a-z]{6,12}", 1..4),
        noise in proptest::collection::vec("[ab%\\\\ u0-9+]{0,12}", 4),
        cuts in proptest::collection::vec(1_usize..9, 1..40),
        which in 0_usize..11,
    ) {
        let redactor = knowing(&secrets.iter().map(String::as_bytes).collect::<Vec<_>>());
        let mut text = String::new();
        for (secret, noise) in secrets.iter().zip(&noise) {
            text.push_str(noise);
            text.push_str(&encodings(secret, "", "")[which]);
        }
        let whole = redactor.redact_bytes(text.as_bytes()).into_owned();
        let (mut filter, mut pieced) = (redactor.stream(), Vec::new());
        let (mut rest, mut cuts) = (text.as_bytes(), cuts.iter().cycle());
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
            filter.push(piece, &mut pieced);
            rest = more;
        }
        filter.finish(&mut pieced);
        prop_assert_eq!(pieced, whole);
    }

    #[test]
    fn a_split_at_any_place_hides_nothing(secret in "[!-~]{6,20}", at in 0_usize..40) {
        let redactor = knowing(&[secret.as_bytes()]);
        let text = format!("0123456789{secret}0123456789");
        let (first, second) = text.as_bytes().split_at(at.min(text.len()));
        let (mut filter, mut out) = (redactor.stream(), Vec::new());
        filter.push(first, &mut out);
        filter.push(second, &mut out);
        filter.finish(&mut out);
        prop_assert!(!String::from_utf8(out).unwrap().contains(&secret));
    }

    #[test]
    fn other_text_is_unchanged(text in "[a-y0-9 ]{0,200}") {
        let redactor = knowing(&[b"zzzzzz", b"Zebra-Zebra"]);
        prop_assert_eq!(redactor.redact(&text), text.as_str());
    }
}
