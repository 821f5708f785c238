//! Patterns of names, in which `*` stands for anything but a slash, and a pattern without a slash for a name in any
//! folder.

/// Whether a path below the component's folder is one of a pattern.
pub fn fits(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    if pattern.contains('/') {
        return leads_to(&pattern.split('/').collect::<Vec<_>>(), &path.split('/').collect::<Vec<_>>());
    }
    path.split('/').any(|name| is_one(pattern, name))
}

/// Whether the parts of a pattern lead to a path, or to a folder above it, which stands for everything in it; `**` stands
/// for any folders, also for none.
fn leads_to(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], _) => true,
        (_, []) => false,
        (["**"], _) => true,
        (["**", rest @ ..], [_, below @ ..]) => leads_to(rest, path) || leads_to(pattern, below),
        ([part, rest @ ..], [name, below @ ..]) => is_one(part, name) && leads_to(rest, below),
    }
}

/// Whether a pattern names one file, rather than any of a sort.
pub fn is_plain(pattern: &str) -> bool {
    !pattern.contains(['*', '?'])
}

/// Whether a name is one of a pattern; `?` stands for one character.
fn is_one(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name, mut star) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    (at, in_name) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_are_those_of_the_plans() {
        for (pattern, path, is) in [
            ("*.conf", "nginx.conf", true),
            ("*.conf", "deep/down/nginx.conf", true),
            ("*.conf", "nginx.conf.old", false),
            (".env", ".env", true),
            ("certs/*", "certs/app.pem", true),
            ("certs/*", "other/certs/app.pem", false),
            ("certs/", "certs/app.pem", true),
            ("certs/**", "certs/a/b.pem", true),
            ("app/**/*.log", "app/app.conf", false),
            ("app/**/*.log", "app/logs", false),
            ("app/**/*.log", "app/a.log", true),
            ("app/**/*.log", "app/deep/down/a.log", true),
            ("app/**/*.log", "other/a.log", false),
            ("**/*.log", "a.log", true),
            ("**/*.log", "deep/a.log", true),
            ("**/*.log", "deep/a.txt", false),
            ("**/cache/**", "a/cache/b/c", true),
            ("**/cache/**", "a/cached/b/c", false),
            ("a?c", "abc", true),
            ("audit-*-x*", "audit-1-x-2", true),
            ("*a*b", "aab", true),
            ("*a*b", "aabc", false),
        ] {
            assert_eq!(fits(pattern, path), is, "{pattern} {path}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_one_of_itself_and_of_a_star(name in "[a-z.é]{1,12}", cut in 0_usize..12) {
            prop_assert!(is_one(&name, &name) && is_one("*", &name));
            let letters: Vec<char> = name.chars().collect();
            let cut = cut.min(letters.len());
            let head: String = letters[..cut].iter().collect();
            let pattern = format!("{head}*");
            prop_assert!(is_one(&pattern, &name));
        }
    }
}
