//! Whatever a program exports: what it prints is what is kept.

use std::io;

use futures_util::{StreamExt, future, stream};

use super::artefact::all_json;
use super::contact::Contact;
use super::take::TakeError;
use super::tee::{of_reader, proven, tee};
use crate::plan::types::{Component, Job};
use crate::reach::{Command, Reach};
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
    let name = component.name.clone();
    let (source, told) = tee(whole, move |tap| {
        let mut counted = Counted { from: tap, bytes: 0, lines: 0 };
        if is_lines {
            all_json(&mut counted).map_err(|why| TakeError::flawed(&name, why))?;
        }
        io::copy(&mut counted, &mut io::sink()).map_err(TakeError::ours)?;
        Ok((counted.bytes, counted.lines))
    });
    let proof = async move { running.wait().await.ok().map(drop).map_err(TakeError::from) };
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
    account.left_out.push("how it is read back is known to the program that wrote it alone".to_owned());
    Ok(account)
}

/// What is read, counted on its way.
struct Counted<R> {
    from: R,
    bytes: u64,
    lines: u64,
}

impl<R: io::Read> io::Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.bytes += count as u64;
        self.lines += memchr::memchr_iter(b'\n', &into[..count]).count() as u64;
        Ok(count)
    }
}
