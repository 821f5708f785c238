use ratatui::style::{Color, Style};

use super::super::depth::rgb;
use super::*;
use crate::console::Role;
use crate::plan::facts::Verdict;

fn shipped(name: &str, depth: Depth) -> Theme {
    let (theme, told) = Theme::choose(&Wanted { name: Some(name.to_owned()), depth, is_ascii: false }, None);
    assert_eq!(told, Vec::<String>::new(), "{name}");
    theme
}

/// The contrast of two colours by the rules of the W3C, from 1 to 21.
fn contrast(one: Color, other: Color) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let light = |colour: Color| {
        let [red, green, blue] = rgb(colour).map(channel);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    };
    let (one, other) = (light(one) + 0.05, light(other) + 0.05);
    one.max(other) / one.min(other)
}

fn stated(colour: Option<Color>) -> Option<Color> {
    colour.filter(|colour| *colour != Color::Reset)
}

#[test]
fn every_role_can_be_read_where_both_its_colours_are_stated() {
    let mut seen = 0;
    for (name, _) in SHIPPED {
        for depth in [Depth::Sixteen, Depth::Many, Depth::True] {
            let theme = shipped(name, depth);
            let text = theme.style(Role::Text);
            for role in Role::ALL {
                let style = theme.style(role);
                let fg = stated(style.fg).or(stated(text.fg));
                let bg = stated(style.bg).or(stated(text.bg));
                let (Some(fg), Some(bg)) = (fg, bg) else { continue };
                let least = match (name, role) {
                    ("high-contrast", Role::Rule) => 4.5,
                    ("high-contrast", _) => 7.0,
                    (_, Role::Rule) => 2.0,
                    (_, Role::Dim | Role::Stale) => 3.5,
                    _ => 4.5,
                };
                let found = contrast(fg, bg);
                assert!(found >= least, "{name} at {depth:?}: {} has a contrast of {found:.1}", role.name());
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn verdicts_differ_without_colour() {
    let verdicts = [Verdict::Healthy, Verdict::Degraded, Verdict::Down, Verdict::Unknown];
    for marks in [Marks::UNICODE, Marks::ASCII] {
        let shapes: std::collections::HashSet<&str> = verdicts.iter().map(|verdict| marks.verdict(*verdict)).collect();
        assert_eq!(shapes.len(), verdicts.len());
    }
}

#[test]
fn verdicts_differ_in_every_theme_that_has_colours() {
    for (name, _) in SHIPPED {
        for depth in [Depth::Sixteen, Depth::Many, Depth::True] {
            let theme = shipped(name, depth);
            let looks: std::collections::HashSet<Style> =
                [Role::Healthy, Role::Degraded, Role::Down, Role::Unknown].map(|role| theme.style(role)).into();
            assert_eq!(looks.len(), 4, "{name} at {depth:?}");
        }
    }
}

#[test]
fn without_colours_there_are_none() {
    for (name, _) in SHIPPED {
        let plain = [shipped(name, Depth::None), shipped("mono", Depth::True)];
        for style in plain.iter().flat_map(|theme| Role::ALL.map(|role| theme.style(role))) {
            assert_eq!((stated(style.fg), stated(style.bg)), (None, None), "{name}");
        }
    }
}

#[test]
fn the_environment_stands_out_everywhere() {
    for (name, _) in SHIPPED {
        for depth in [Depth::None, Depth::Sixteen, Depth::True] {
            let theme = shipped(name, depth);
            for role in [Role::Production, Role::Drill, Role::Lab, Role::ReadOnly, Role::Banner, Role::Selected] {
                assert_ne!(theme.style(role), theme.style(Role::Text), "{name} at {depth:?}: {}", role.name());
            }
        }
    }
}

#[test]
fn what_is_no_theme_is_told_and_there_is_one_all_the_same() {
    let choose = |name: &str| Theme::choose(&Wanted { name: Some(name.to_owned()), ..Wanted::default() }, None).1;
    assert_eq!(choose("drak"), ["there is no theme \"drak\"; did you mean \"dark\"?"]);
    assert!(choose("../../etc/passwd")[0].contains("there are dark, light"), "{:?}", choose("../../etc/passwd"));
}

#[test]
fn a_theme_of_the_user_goes_before_ours() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dark.toml"), "[roles]\nkey = { fg = 'red' }").unwrap();
    let (theme, told) = Theme::choose(&Wanted::default(), Some(folder.path()));
    assert_eq!((theme.style(Role::Key).fg, told), (Some(Color::Red), Vec::new()));
}

#[test]
fn marks_and_background_follow_the_environment() {
    let of = |name: &'static str, value: &'static str| move |asked: &str| (asked == name).then(|| value.to_owned());
    assert!(is_unicode(of("LANG", "en_GB.UTF-8")) && is_unicode(of("LC_ALL", "C.utf8")));
    assert!(!is_unicode(of("LANG", "C")) && !is_unicode(|_| None));
    assert_eq!(by_background(of("COLORFGBG", "0;15")), Some("light"));
    assert_eq!(by_background(of("COLORFGBG", "15;default;0")), None);
    assert_eq!(by_background(|_| None), None);
}
