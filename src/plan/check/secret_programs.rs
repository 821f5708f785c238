//! Programs that are given a password in an option or an argument of their own.

use std::ops::Range;

use super::secret_text::is_secret_value;

/// How a program is told a password.
struct Habit {
    programs: &'static [&'static str],
    /// The next argument is one.
    follows: &'static [&'static str],
    /// The rest of the argument is one.
    glued: &'static [&'static str],
    /// The next argument, or the rest of this one, is `user:PASSWORD`.
    pairs: &'static [&'static str],
    /// Words after which a user and then a password stand.
    words: &'static [&'static str],
}

const NONE: Habit = Habit { programs: &[], follows: &[], glued: &[], pairs: &[], words: &[] };

const HABITS: [Habit; 12] = [
    // What follows these is no longer meant for the program before.
    Habit { programs: &["ssh", "scp", "sftp", "rsync", "docker", "podman", "kubectl", "sudo", "tar"], ..NONE },
    Habit { programs: &["curl"], pairs: &["-u", "--user", "--proxy-user", "-U"], ..NONE },
    Habit { programs: &["http", "https", "xh"], pairs: &["-a", "--auth"], ..NONE },
    Habit {
        programs: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlcheck",
            "mysqlbinlog",
            "mysqlsh",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
            "mariadb-backup",
            "mariadb-import",
            "mariabackup",
            "xtrabackup",
            "mydumper",
        ],
        glued: &["-p"],
        ..NONE
    },
    Habit { programs: &["sshpass"], follows: &["-p"], glued: &["-p"], ..NONE },
    Habit {
        programs: &["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "cqlsh", "rabbitmqadmin"],
        follows: &["-p"],
        ..NONE
    },
    Habit { programs: &["redis-cli", "valkey-cli", "keydb-cli"], follows: &["-a", "--pass"], ..NONE },
    Habit { programs: &["rabbitmqctl"], words: &["add_user", "change_password", "authenticate_user"], ..NONE },
    Habit {
        programs: &["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami", "ldappasswd"],
        follows: &["-w"],
        ..NONE
    },
    Habit { programs: &["zip", "sqlcmd", "ipmitool"], follows: &["-P"], ..NONE },
    Habit { programs: &["7z", "7za"], glued: &["-p"], ..NONE },
    Habit { programs: &["openssl"], glued: &["pass:"], ..NONE },
];

/// Whether a text can be a line for a shell in which one of these programs is given a password: with an option, or
/// with one of the two habits that need none.
pub fn may_call_programs(text: &str) -> bool {
    text.contains(char::is_whitespace)
        && (text.contains(" -")
            || text.contains("rabbitmqctl")
            || text.contains("pass:")
            || text.contains(['\n', '\t']))
}

/// What the next argument is expected to be.
enum Next {
    Anything,
    Secret,
    Pair,
    User,
}

/// Where in the arguments of programs passwords stand: which argument, and where in it.
pub fn in_programs(words: &[&str]) -> Vec<(usize, Range<usize>)> {
    let mut found = Vec::new();
    let mut habit = &NONE;
    let mut next = Next::Anything;
    for (index, word) in words.iter().enumerate() {
        match std::mem::replace(&mut next, Next::Anything) {
            Next::Secret if is_secret_value(word) => found.push((index, 0..word.len())),
            Next::Pair => found.extend(after_colon(word).map(|range| (index, range))),
            Next::User => next = Next::Secret,
            Next::Secret => {}
            Next::Anything if matches!(*word, "|" | "||" | "&&" | ";" | "&") => habit = &NONE,
            Next::Anything => {
                let called = word.rsplit('/').next().unwrap_or(word);
                if let Some(known) = HABITS.iter().find(|known| known.programs.contains(&called)) {
                    habit = known;
                } else if habit.follows.contains(word) {
                    next = Next::Secret;
                } else if habit.pairs.contains(word) {
                    next = Next::Pair;
                } else if habit.words.contains(word) {
                    next = Next::User;
                } else {
                    found.extend(glued(habit, word).map(|range| (index, range)));
                }
            }
        }
    }
    found
}

fn glued(habit: &Habit, word: &str) -> Option<Range<usize>> {
    let rest = |options: &[&str]| {
        let option = options.iter().find(|option| word.starts_with(**option) && !word.starts_with("--"))?;
        Some(option.len()).filter(|start| *start < word.len())
    };
    if let Some(start) = rest(habit.glued) {
        return is_secret_value(&word[start..]).then_some(start..word.len());
    }
    let start = rest(habit.pairs).or_else(|| {
        let (option, _) = word.split_once('=').filter(|(option, _)| habit.pairs.contains(option))?;
        Some(option.len() + 1)
    })?;
    after_colon(&word[start..]).map(|range| start + range.start..start + range.end)
}

/// Of `user:PASSWORD` the password.
pub fn after_colon(text: &str) -> Option<Range<usize>> {
    let (user, password) = text.split_once(':')?;
    let is_one = !user.is_empty() && !password.starts_with("//") && is_secret_value(password);
    is_one.then_some(user.len() + 1..text.len())
}

/// What a program that only repeats its arguments would print: `echo SECRET`, `sh -c "echo SECRET"`.
pub fn printed(words: &[&str]) -> Vec<(usize, Range<usize>)> {
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    let is_own = |word: &str| !word.starts_with(['-', '%']) && !word.contains(['$', '`']) && is_secret_value(word);
    match program.rsplit('/').next().unwrap_or(program) {
        "echo" | "printf" => {
            let words =
                rest.iter().enumerate().take_while(|(_, word)| !matches!(**word, "|" | "||" | "&&" | ";" | ">"));
            words.filter(|(_, word)| is_own(word)).map(|(index, word)| (index + 1, 0..word.len())).collect()
        }
        "sh" | "bash" | "dash" | "ash" | "zsh" => {
            let Some((index, line)) = words.iter().enumerate().skip(1).find(|(_, word)| !word.starts_with('-')) else {
                return Vec::new();
            };
            let ranges = shell_words(line);
            let inner: Vec<&str> = ranges.iter().map(|range| &line[range.clone()]).collect();
            let found = printed(&inner).into_iter();
            found
                .map(|(word, within)| (index, ranges[word].start + within.start..ranges[word].start + within.end))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The words of a line for a shell, without the quotes around them. A quote that nothing closes is a letter.
pub fn shell_words(line: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(begins) = line[at..].find(|letter: char| !letter.is_whitespace()) {
        let start = at + begins;
        let quote = line[start..].chars().next().filter(|first| matches!(first, '"' | '\''));
        let quoted = quote.and_then(|quote| Some(start + 1..start + 1 + line[start + 1..].find(quote)?));
        let word = quoted.clone().unwrap_or_else(|| start..unquoted_end(line, start));
        at = word.end + usize::from(quoted.is_some());
        let ends = word.end > word.start + 1 && quoted.is_none() && line[word.clone()].ends_with(';');
        if ends {
            // `save; mysql`: what follows belongs to another program.
            words.push(word.start..word.end - 1);
            words.push(word.end - 1..word.end);
        } else {
            words.push(word);
        }
    }
    words
}

/// Where a word that begins without a quote ends; quotes within it hold spaces too: `-p'a b'`.
fn unquoted_end(line: &str, start: usize) -> usize {
    let mut open: Option<char> = None;
    for (at, letter) in line[start..].char_indices() {
        match open {
            Some(quote) if letter == quote => open = None,
            None if letter.is_whitespace() => return start + at,
            None if matches!(letter, '"' | '\'') && line[start + at + 1..].contains(letter) => open = Some(letter),
            _ => {}
        }
    }
    // An apostrophe opened what is no quotation.
    let first_space = line[start..].find(char::is_whitespace).map_or(line.len(), |at| start + at);
    if open.is_some() { first_space } else { line.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str]) -> Vec<String> {
        in_programs(words).into_iter().map(|(index, range)| words[index][range].to_owned()).collect()
    }

    #[test]
    fn passwords_in_options_of_programs_are_found() {
        assert_eq!(found(&["curl", "-u", "admin:geheim", "https://h"]), ["geheim"]);
        assert_eq!(found(&["/usr/bin/curl", "-uadmin:geheim"]), ["geheim"]);
        assert_eq!(found(&["curl", "--user=admin:geheim"]), ["geheim"]);
        assert_eq!(found(&["docker", "exec", "db", "mysqldump", "-pgeheim", "shop"]), ["geheim"]);
        assert_eq!(found(&["sshpass", "-p", "geheim", "ssh", "-p", "22", "h"]), ["geheim"]);
        assert_eq!(found(&["redis-cli", "-a", "geheim", "save"]), ["geheim"]);
        assert_eq!(found(&["rabbitmqctl", "add_user", "ada", "geheim"]), ["geheim"]);
    }

    #[test]
    fn the_same_options_of_other_programs_are_not() {
        for words in [
            &["docker", "run", "-p", "80:80", "-u", "1000:1000"][..],
            &["mysql", "-p", "shop"],
            &["mysql", "-p$PW", "shop"],
            &["curl", "-u", "admin"],
            &["curl", "-u", "admin:$PW"],
            &["redis-cli", "save", "|", "tar", "-a", "x"],
            &["ssh", "-p", "2222", "h"],
        ] {
            assert_eq!(found(words), [""; 0], "{words:?}");
        }
    }

    #[test]
    fn words_of_a_shell_keep_their_places() {
        let words = |line: &str| shell_words(line).into_iter().map(|range| line[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(words("a -p'b c' \"d e\" f; g"), ["a", "-p'b c'", "d e", "f", ";", "g"]);
        assert_eq!(words("don't stop"), ["don't", "stop"]);
        assert_eq!(words(""), [""; 0]);
    }
}
