//! Reads from what ssh says why a host could not be reached.

use std::fmt;

/// Why ssh did not get through. The words are OpenSSH's; what is not recognised is `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshTrouble {
    /// We never met this host, so its key cannot be checked.
    UnknownHostKey,
    /// The host shows another key than before.
    ChangedHostKey,
    /// It wants a password, a passphrase or another key than ours.
    Denied,
    /// The name leads nowhere.
    NoSuchName,
    /// The host answers, but not on this port.
    Refused,
    /// Nothing answers.
    NoAnswer,
    /// The user's ssh configuration cannot be used.
    Configuration,
    /// The connection was there and broke.
    Broken,
    /// None of these.
    Other,
}

const WORDS: [(&str, SshTrouble); 18] = [
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", SshTrouble::ChangedHostKey),
    ("host key is known for", SshTrouble::UnknownHostKey),
    ("Host key verification failed", SshTrouble::UnknownHostKey),
    ("Permission denied", SshTrouble::Denied),
    ("Too many authentication failures", SshTrouble::Denied),
    ("no matching host key type", SshTrouble::Configuration),
    ("Could not resolve hostname", SshTrouble::NoSuchName),
    ("Bad configuration option", SshTrouble::Configuration),
    ("Bad owner or permissions", SshTrouble::Configuration),
    ("Can't open user config file", SshTrouble::Configuration),
    ("keyword", SshTrouble::Configuration),
    ("Connection refused", SshTrouble::Refused),
    ("timed out", SshTrouble::NoAnswer),
    ("No route to host", SshTrouble::NoAnswer),
    ("Network is unreachable", SshTrouble::NoAnswer),
    ("Connection reset", SshTrouble::Broken),
    ("Connection closed", SshTrouble::Broken),
    ("Broken pipe", SshTrouble::Broken),
];

impl SshTrouble {
    /// Which trouble ssh's words mean.
    pub fn from_words(said: &str) -> SshTrouble {
        WORDS.iter().find(|(word, _)| said.contains(word)).map_or(SshTrouble::Other, |(_, trouble)| *trouble)
    }

    /// What to do about it.
    pub fn next_step(self, host: &str) -> String {
        match self {
            SshTrouble::UnknownHostKey => {
                format!(
                    "Run `ssh {host}` once by hand, compare the key's fingerprint with the host's own, and accept it."
                )
            }
            SshTrouble::ChangedHostKey => format!(
                "Find out whether {host} was rebuilt. If so, run `ssh-keygen -R` for it and accept the new key by hand; \
                 if not, somebody may stand in between."
            ),
            SshTrouble::Denied => {
                format!(
                    "`ssh -o BatchMode=yes {host}` must work without a question: a key in the agent or an IdentityFile."
                )
            }
            SshTrouble::NoSuchName => format!("Give {host} a HostName with an address in ~/.ssh/config."),
            SshTrouble::Configuration => format!("`ssh -G {host}` shows what is wrong in the ssh configuration."),
            SshTrouble::Refused | SshTrouble::NoAnswer | SshTrouble::Broken | SshTrouble::Other => {
                format!("`ssh -v {host}` shows how far it gets; check network, jump hosts and sshd there.")
            }
        }
    }
}

impl fmt::Display for SshTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SshTrouble::UnknownHostKey => "its host key is not known here",
            SshTrouble::ChangedHostKey => "its host key is not the one known here",
            SshTrouble::Denied => "it does not let us in without asking",
            SshTrouble::NoSuchName => "its name leads nowhere",
            SshTrouble::Refused => "it answers, but not on this port",
            SshTrouble::NoAnswer => "it does not answer",
            SshTrouble::Configuration => "the ssh configuration cannot be used",
            SshTrouble::Broken => "the connection broke",
            SshTrouble::Other => "ssh failed",
        })
    }
}
