//! Whether servers can live in a folder of that name: their own scripts and configuration files quote it, or do not.

use std::path::Path;

use super::LabError;

/// The longest path of a socket, without the end that every text has there.
const SOCKET: usize = 107;
/// The socket that lies deepest below the sites.
const DEEPEST: &str = "/outside/dns/knot.sock";

/// Refuses a lab at `root` whose sites could not live in `sites`.
pub(super) fn check(root: &Path, sites: &Path) -> Result<(), LabError> {
    let refused = |why: &str| LabError::FolderName { folder: root.to_owned(), why: why.to_owned() };
    if root.to_str().is_none_or(|name| name.chars().any(char::is_control)) {
        return Err(refused("has characters that are not text"));
    }
    let Some(name) = sites.to_str().filter(|name| name.is_ascii()) else {
        return Err(refused("has letters beyond ASCII, which not every server can live with"));
    };
    if name.contains(['\'', '"', '`', '\\', '$', '*', '?', '[', ';', '&', '|', '<', '>']) {
        return Err(refused("has quotes or other signs that a shell takes for its own"));
    }
    if name.len() + DEEPEST.len() > SOCKET {
        let most = SOCKET - DEEPEST.len() - "/sites".len();
        return Err(refused(&format!("is too long for the sockets in it: {most} characters are the most")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(root: &str) -> Option<String> {
        let root = Path::new(root);
        check(root, &root.join("sites")).err().map(|error| error.to_string())
    }

    #[test]
    fn names_that_break_a_server_are_refused_and_plain_ones_are_not() {
        for name in ["/home/me/.local/state/lifeboat/lab", "/tmp/two words/lab", "/srv/a_b-c.d,e+f=g@h/lab"] {
            assert_eq!(said(name), None);
        }
        for name in
            ["/tmp/it's/lab", "/tmp/\"/lab", "/tmp/`id`/lab", "/tmp/a\nb/lab", "/tmp/é/lab", "/tmp/\u{202e}/lab"]
        {
            assert!(said(name).is_some(), "{name:?}");
        }
        let long = format!("/{}/lab", "x".repeat(90));
        assert!(said(&long).unwrap().contains("too long"));
    }

    #[test]
    fn where_the_sites_lie_elsewhere_only_their_place_matters() {
        assert!(check(Path::new("/root/it's/lab"), Path::new("/var/lib/lifeboat-lab/abc123def456/sites")).is_ok());
        assert!(check(Path::new("/root/a\nb/lab"), Path::new("/var/lib/lifeboat-lab/abc123def456/sites")).is_err());
    }
}
