//! Whatever a program exports: what it prints is what is kept.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, future, stream};

use super::contact::Contact;
use super::take::TakeError;
use super::tee::{of_reader, proven, tee};
use crate::plan::types::{Component, Job};
use crate::reach::{Command, Reach};
use crate::text::{Shape, untrusted};
use crate::vault::{Account, Keeper, Piece, Sort, recipe};

/// Runs the job's program at its place. One that fails, or prints nothing, has exported nothing.
pub async fn take<K: Keeper>(
    component: &Component,
    job: &Job,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Account, TakeError> {
    let Some((program, arguments)) = job.run.split_first() else {
        return Err(TakeError::plan(component, "its job names no program", "write `run` in the job"));
    };
    let command = Command::new(program).args(arguments).cancelled_by(with.stop.clone());
    let (line, as_of) = (command.line(), with.clock.now());
    let mut running = at.stream(command.in_bulk()).await?;
    let stdout = running.take_stdout().ok_or_else(|| TakeError::ours("the output of the program cannot be read"))?;
    let mut output = of_reader(stdout);
    let Some(first) = output.next().await else {
        running.wait().await.ok()?;
        let next = "run it by hand and look what it prints";
        return Err(TakeError::refused(component, format!("{line} printed nothing"), next));
    };
    let first = first.map_err(TakeError::ours)?;
    let is_lines = first.trim_ascii_start().starts_with(b"{");
    let whole = Box::pin(stream::once(future::ready(Ok(first))).chain(output));
    let (source, told) = tee(whole, |tap| count(tap).map_err(TakeError::ours));
    let last_words = Arc::new(Mutex::new(String::new()));
    let (words, redactor) = (Arc::clone(&last_words), with.reach.redactor.clone());
    let proof = async move {
        let output = running.wait().await.ok()?;
        let said = output.stderr.shown(&redactor, 100_000);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        *words.lock().unwrap_or_else(PoisonError::into_inner) = untrusted(last, Shape::line(300));
        Ok(())
    };
    let piece = Piece {
        sort: Sort::Export,
        format: if is_lines { "ndjson" } else { "bin" },
        is_packed: false,
        is_secret: false,
        restore: recipe::OUTPUT.into(),
    };
    let kept = into.keep(piece, proven(source, proof)).await;
    kept.map_err(|error| TakeError::not_kept(component, "export", error))?;
    let (bytes, lines) = told.await.map_err(|_| TakeError::flawed(&component.name, "it did not come to its end"))?;
    let mut account = Account { system: format!("output of {line}"), as_of: Some(as_of), ..Account::default() };
    account.counts.insert("bytes".to_owned(), bytes);
    if is_lines {
        account.counts.insert("lines".to_owned(), lines);
    }
    account.about.insert("place".to_owned(), at.place().to_owned());
    let last = std::mem::take(&mut *last_words.lock().unwrap_or_else(PoisonError::into_inner));
    if !last.is_empty() {
        account.about.insert("last_words".to_owned(), last);
    }
    account.left_out.push("how it is read back is known to the program that wrote it alone".to_owned());
    Ok(account)
}

/// How many bytes and lines there are.
fn count(mut reader: impl std::io::Read) -> std::io::Result<(u64, u64)> {
    let (mut bytes, mut lines, mut buffer) = (0, 0, vec![0; 64 * 1024]);
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok((bytes, lines)),
            count => {
                bytes += count as u64;
                lines += memchr::memchr_iter(b'\n', &buffer[..count]).count() as u64;
            }
        }
    }
}
