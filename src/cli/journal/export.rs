//! `lifeboat journal export`: events for other tools and for paper.

use super::Choice;
use crate::cli::{Context, Failure};
use crate::journal::Reader;
use crate::journal::export::{self, Exported};
use crate::text::Exit;

/// `lifeboat journal export`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// As what; `--json` means json
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON array of events
    Json,
    /// A table
    Markdown,
}

impl Args {
    /// Prints them, oldest first; a damaged journal ends with 3.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let directory = super::directory(context)?;
        let mut reader = Reader::start(&directory)?;
        let filter = self.choice.filter();
        let json = self.format == Format::Json || context.out().is_json();
        let mut exported = Ok(Exported::default());
        context.out().bulk(|out| {
            let written = if json {
                export::json(&mut reader, &filter, out)
            } else {
                export::markdown(&mut reader, &filter, out)
            };
            match written {
                Ok(written) => written.map(|written| exported = Ok(written)),
                Err(error) => {
                    exported = Err(error);
                    Ok(())
                }
            }
        })?;
        let exported = exported?;
        super::tell(context, &exported.damage);
        context.out().note(format!("{} events", exported.events));
        Ok(if exported.damage.is_empty() { Exit::Done } else { Exit::Attention })
    }
}
