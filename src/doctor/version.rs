//! Versions as programs tell them.

/// The major version in what `--version` prints: `pg_dump (PostgreSQL) 15.18 (Debian …)`.
pub(super) fn major(said: &str) -> Option<u32> {
    let number = said.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    leading(number)
}

/// The number that a version begins with.
pub(super) fn leading(version: &str) -> Option<u32> {
    let end = version.find(|c: char| !c.is_ascii_digit()).unwrap_or(version.len());
    version[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_found() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("git version 2.47.3"), Some(2));
        assert_eq!(major("nothing"), None);
        assert_eq!(leading("17beta1"), Some(17));
    }
}
