//! A snapshot over the replication protocol: asked for as a replica would, and taken from the wire as it comes.

use std::io;

use chrono::{DateTime, Utc};
use futures_util::stream;

use super::framing::{Framing, Step};
use super::line::Line;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::redis::login::Address;
use crate::systems::redis::trouble::quoted;
use crate::systems::take::TakeError;
use crate::systems::trouble::{ContactError, failed};
use crate::text::with_causes;
use crate::vault::Source;

/// A snapshot that is about to come.
pub struct Begun {
    line: Line,
    framing: Framing,
    /// The history that it is a moment of, and where in it, where the server tells.
    pub place: Option<(String, u64)>,
    /// When the server said that it begins.
    pub at: DateTime<Utc>,
}

/// Asks for a snapshot, and waits until it begins.
pub async fn begin(component: &Component, with: &Contact<'_>) -> Result<Begun, TakeError> {
    let address = Address::of(component)?;
    let proof = address.proof(component, with).await?;
    let (wire, _) = address.dial(component).await?;
    let mut line = Line::new(wire);
    let asking = async {
        if let Some(password) = proof.password() {
            let words: Vec<&str> = ["AUTH"].into_iter().chain(proof.username()).chain([password]).collect();
            let answer = line.ask(&words).await;
            good(component, &answer.map_err(|error| broken(component, &error))?)?;
        }
        let answer = line.ask(&["PING"]).await;
        good(component, &answer.map_err(|error| broken(component, &error))?)?;
        // Our port is not told: nobody shall take us for a replica that one could fail over to. A server that does not
        // know one of these words does without.
        for words in [["REPLCONF", "capa", "eof"], ["REPLCONF", "rdb-only", "1"]] {
            line.ask(&words).await.map_err(|error| broken(component, &error))?;
        }
        let answer = line.ask(&["PSYNC", "?", "-1"]).await.map_err(|error| broken(component, &error))?;
        // Since when what comes is the state of the server.
        let mut at = with.clock.now();
        let mut place = None;
        let beginning = if let Some(words) = answer.strip_prefix("+FULLRESYNC ") {
            place = words.split_once(' ').and_then(|(id, offset)| Some((quoted(id), offset.parse().ok()?)));
            line.line().await.map_err(|error| broken(component, &error))?
        } else if answer.starts_with("-ERR unknown command") {
            at = with.clock.now();
            line.ask(&["SYNC"]).await.map_err(|error| broken(component, &error))?
        } else {
            answer
        };
        match Framing::of(&beginning) {
            Some(framing) if !framing.is_empty() => Ok((framing, place, at)),
            Some(_) => Err(TakeError::flawed(&component.name, "it sends a snapshot of 0 bytes")),
            None => Err(refused(component, &beginning)),
        }
    };
    let begun = tokio::select! {
        begun = asking => begun,
        () = with.stop.cancelled() => Err(TakeError::CalledOff { component: component.name.clone() }),
    };
    match begun {
        Ok((framing, place, at)) => Ok(Begun { line, framing, place, at }),
        Err(error) => {
            line.close().await;
            Err(error)
        }
    }
}

impl Begun {
    /// The snapshot itself, to its last byte.
    pub fn into_source(self, component: &Component, with: &Contact<'_>) -> Source {
        let (name, stop) = (component.name.clone(), with.stop.clone());
        let beginning = Some((self.line, self.framing, 0_u64));
        Box::pin(stream::try_unfold(beginning, move |state| {
            let (name, stop) = (name.clone(), stop.clone());
            async move {
                let Some((mut line, mut framing, mut bytes)) = state else { return Ok(None) };
                loop {
                    let piece = tokio::select! {
                        piece = line.piece() => piece,
                        () = stop.cancelled() => return Err(TakeError::CalledOff { component: name }.into()),
                    };
                    let piece = piece.map_err(|error| cut_off(&name, bytes, &error))?;
                    match framing.take(piece) {
                        Step::More(piece) if piece.is_empty() => {}
                        Step::More(piece) => {
                            bytes += piece.len() as u64;
                            return Ok(Some((piece, Some((line, framing, bytes)))));
                        }
                        Step::Last(piece) => {
                            line.close().await;
                            return Ok(Some((piece, None)));
                        }
                    }
                }
            }
        }))
    }
}

fn cut_off(name: &str, bytes: u64, error: &io::Error) -> io::Error {
    let why = match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server hung up".to_owned(),
        _ => with_causes(error),
    };
    TakeError::flawed(name, format!("the snapshot breaks off after {bytes} bytes: {why}")).into()
}

fn broken(component: &Component, error: &io::Error) -> TakeError {
    match error.kind() {
        io::ErrorKind::InvalidData => ContactError::strange(component, error.to_string()).into(),
        _ => failed(component, error).into(),
    }
}

/// Whether an answer is a good one.
fn good(component: &Component, answer: &str) -> Result<(), TakeError> {
    if answer.starts_with('+') { Ok(()) } else { Err(refused(component, answer)) }
}

/// What it means that it does not give a snapshot.
fn refused(component: &Component, answer: &str) -> TakeError {
    let Some(words) = answer.strip_prefix('-') else {
        let why = format!("asked for a snapshot it says {}", quoted(answer));
        return ContactError::strange(component, why).into();
    };
    let (code, detail) = words.split_once(' ').unwrap_or((words, ""));
    let later = |why: &str, next| TakeError::refused(component, why, next);
    match code {
        "NOAUTH" => ContactError::denied(component, "it asks for a password").into(),
        "WRONGPASS" => ContactError::denied(component, detail).into(),
        "NOPERM" => TakeError::refused(
            component,
            format!("the login may not ask for a snapshot: {detail}"),
            "give it the right, with ACL SETUSER NAME +psync +sync +replconf +ping, or take the snapshot elsewhere",
        ),
        "LOADING" => later("it is still loading its data", "wait until it has loaded, then take it again"),
        "NOMASTERLINK" | "MASTERDOWN" => later(
            "it is a replica whose link to its primary is down, and gives no snapshot until that is up",
            "mend the link, or take the snapshot of the primary",
        ),
        "MOVED" | "CLUSTERDOWN" => later(
            "it is a node of a cluster, which holds only a part of the data",
            "take the append-only file of each of the cluster's primaries, each as a component of its own",
        ),
        "BUSY" => later("it is busy with a script", "wait for the script, or end it with SCRIPT KILL"),
        "ERR" if detail.starts_with("Can't SYNC") || detail.contains("SYNC") => TakeError::refused(
            component,
            format!("it gives no snapshot now: {detail}"),
            "look at its replication (INFO replication), then take it again",
        ),
        "ERR" if detail.contains("AUTH") => ContactError::denied(component, detail).into(),
        _ => TakeError::refused(component, words, "look at the server's log, then take it again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Explain;

    #[test]
    fn a_refusal_says_what_to_do() {
        let component: Component = toml::from_str("name='r'\nkind='redis'\naddress='redis://10.0.0.1:6379'").unwrap();
        for (answer, words, next) in [
            ("-NOAUTH Authentication required.", "password", "password"),
            ("-LOADING Redis is loading the dataset in memory", "loading", "wait"),
            ("-NOMASTERLINK Can't SYNC while not connected with my master", "link", "primary"),
            ("-NOPERM this user has no permissions to run the 'psync' command", "may not", "+psync"),
            ("-ERR Can't SYNC while I'm busy", "no snapshot now", "replication"),
            ("-MOVED 1 10.0.0.2:6379", "cluster", "primaries"),
            ("HTTP/1.1 400", "HTTP/1.1 400", "TLS"),
        ] {
            let error = refused(&component, answer);
            assert!(error.to_string().contains(words), "{answer}: {error}");
            assert!(error.next_step().contains(next), "{answer}: {}", error.next_step());
        }
    }
}
