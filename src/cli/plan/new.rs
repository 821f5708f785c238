//! `lifeboat plan new`: begin a plan from the starter or from a plan that comes with Lifeboat.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::{Context, Failure, Output};
use crate::plan::beginning::{SHIPPED, Shipped};
use crate::text::{Clock, Exit, Explain, SystemClock};

/// `lifeboat plan new`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Begin from a plan that comes with Lifeboat
    #[arg(long, value_name = "NAME", default_value = SHIPPED[0].name)]
    from: String,
    /// Where to; a plan of several files becomes a folder [default: the configuration folder]
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    path: Option<PathBuf>,
}

impl Args {
    /// Writes it, and says what to do with it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let shipped = Shipped::named(&self.from)?;
        let configuration = context.around().configuration.clone();
        let path = match self.path {
            Some(path) => path,
            None => shipped.usual_place(&configuration.ok_or(NoHome)?)?,
        };
        shipped.begin(&path, SystemClock.now().date_naive())?;
        if context.out().is_json() {
            context.out().json(&json!({ "path": path.display().to_string(), "from": shipped.name }))?;
        } else {
            let path = Output::safe(path.display());
            context.out().line(&path)?;
            context.out().note("Change it to your platform, and look what is still wrong with it:");
            context.out().note(format!("  lifeboat --plan {path} plan check"));
        }
        Ok(Exit::Done)
    }
}

/// There is no folder of the user's, and the machine's is nobody's to begin by accident.
#[derive(Debug, thiserror::Error)]
#[error("there is no configuration folder: neither HOME nor XDG_CONFIG_HOME says where")]
struct NoHome;

impl Explain for NoHome {
    fn next_step(&self) -> String {
        "Name the place: `lifeboat plan new PATH`; for the whole machine that is /etc/lifeboat/plan.toml.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Usage
    }
}
