//! `lifeboat lab`: the private platform of real servers on this machine, up, down and how it is.

use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::output::Style;
use super::{Changes, Context, Failure, Group, Info, Output, backup, console, lab_fault, lab_load, lab_serve};
use crate::lab::{self, Down, LabOptions, Nodes, Progress, ServerState, Status, Summary};
use crate::text::{Exit, Shape, Size, Span, untrusted};

/// The registry's entries.
pub const VERBS: &[Info] = &[
    Info {
        path: "lab",
        group: Group::Lab,
        changes: Changes::Always,
        examples: &[
            ("lifeboat lab --install", "Install what is missing, bring the lab up, open the console on it"),
            ("lifeboat --state /tmp/try lab", "A lab in another folder; several run side by side"),
            ("lifeboat lab --nodes 3", "A new lab with clusters of three for Redis and RabbitMQ"),
        ],
    },
    Info {
        path: "lab up",
        group: Group::Lab,
        changes: Changes::Always,
        examples: &[
            ("lifeboat lab up", "Make the lab, or bring back what is missing of it"),
            ("lifeboat lab up --scale 4", "A new lab with four times the data"),
            ("lifeboat lab up --thaw 10s", "From now on archived objects thaw that fast"),
        ],
    },
    Info {
        path: "lab down",
        group: Group::Lab,
        changes: Changes::Always,
        examples: &[
            ("lifeboat lab down", "End its servers; the next up finds all data as it was"),
            ("lifeboat lab down --delete", "End its servers and remove its files"),
        ],
    },
    Info {
        path: "lab status",
        group: Group::Lab,
        changes: Changes::Never,
        examples: &[
            ("lifeboat lab status", "Which servers run, where, and a command that reaches each"),
            ("lifeboat lab status --json", "The same for scripts"),
        ],
    },
];

/// `lifeboat lab`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "VERB")]
pub struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    up: UpArgs,
    /// Do not open the console on it in the end
    #[arg(long)]
    no_console: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Make the lab, or bring back what is missing of it
    Up(UpArgs),
    /// End the lab's servers; its data stay unless --delete is given
    Down(DownArgs),
    /// Show which servers of the lab run, and how to reach them
    Status(StatusArgs),
    /// Break the lab on purpose, and mend it
    Fault(lab_fault::Args),
    /// Use the lab as its users would
    Load(lab_load::Args),
    #[command(hide = true)]
    /// Serve what the lab has of its own
    Serve(lab_serve::Args),
}

#[derive(Debug, clap::Args)]
struct UpArgs {
    /// Install missing Debian packages (as root), without starting their services
    #[arg(long)]
    install: bool,
    /// How much data a new lab gets; 1, which fits a laptop, if nothing is said
    #[arg(long, value_name = "NUMBER", value_parser = scale)]
    scale: Option<f64>,
    /// How many nodes the cache and the broker of a new lab's primary site have, 1 or 3; with 3 they are clusters, which
    /// take twice the time to come up; 1 if nothing is said
    #[arg(long, value_name = "NUMBER", value_parser = nodes)]
    nodes: Option<Nodes>,
    /// Take no first backups
    #[arg(long)]
    no_backups: bool,
    /// How long an archived object takes to thaw; kept until it is said anew, 4h at first
    #[arg(long, value_name = "TIME")]
    thaw: Option<Span>,
}

#[derive(Debug, clap::Args)]
struct DownArgs {
    /// Also remove the lab's files: data, plan, passwords
    #[arg(long)]
    delete: bool,
}

#[derive(Debug, clap::Args)]
struct StatusArgs {}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if (0.01..=100.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 0.01 to 100".to_owned()),
    }
}

fn nodes(text: &str) -> Result<Nodes, String> {
    text.parse().map_err(|_| "1 or 3".to_owned()).and_then(|number: u8| Nodes::try_from(number))
}

impl Args {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let folder = context.lab()?;
        match self.verb {
            None => {
                let exit = up(context, &folder, &self.up)?;
                let is_wanted = !self.no_console && !context.out().is_json() && console::is_welcome();
                if is_wanted { console::open(&context.on_the_lab(), &console::asked(context)) } else { Ok(exit) }
            }
            Some(Verb::Up(arguments)) => up(context, &folder, &arguments),
            Some(Verb::Down(arguments)) => down(context, &folder, arguments.delete),
            Some(Verb::Status(StatusArgs {})) => status(context, &folder),
            Some(Verb::Fault(arguments)) => arguments.run(context, &folder),
            Some(Verb::Load(arguments)) => arguments.run(context, &folder),
            Some(Verb::Serve(arguments)) => arguments.run(context),
        }
    }
}

fn up(context: &Context, folder: &Path, arguments: &UpArgs) -> Result<Exit, Failure> {
    let mut options = LabOptions::new(folder);
    options.scale = arguments.scale.unwrap_or(options.scale);
    options.nodes = arguments.nodes.unwrap_or(options.nodes);
    options.install = arguments.install;
    options.thaw = arguments.thaw;
    let out = *context.out();
    let tell = move |progress: &Progress| {
        let (after, about) = (progress.after.as_secs_f64(), &progress.about);
        out.note(format!("{after:5.1} s  {about:21}  {}", Output::safe(&progress.what)));
    };
    let summary = context.block_on(async |stop: CancellationToken| {
        tokio::select! {
            ended = lab::up(&options, &tell) => Ok(ended?),
            () = stop.cancelled() => {
                let (up, down) = (context.again(["lab", "up"]), context.again(["lab", "down"]));
                let (up, down) = (Output::safe(up), Output::safe(down));
                context.out().note(format!("lifeboat: what was started is recorded: `{up}` goes on, `{down}` ends it"));
                Err(Failure::interrupted())
            }
        }
    })?;
    if !arguments.no_backups {
        backup::first(&context.on_the_lab())?;
    }
    if context.out().is_json() {
        context.out().json(&summary)?;
    } else {
        print_summary(context, &summary)?;
    }
    let kept = [
        (arguments.scale.is_some_and(|asked| (asked - summary.scale).abs() > f64::EPSILON), "scale", summary.scale),
        (arguments.nodes.is_some_and(|asked| asked != summary.nodes), "nodes", u8::from(summary.nodes).into()),
    ];
    for (_, what, number) in kept.into_iter().filter(|(is_kept, ..)| *is_kept) {
        let again = Output::safe(context.again(["lab", "down", "--delete"]));
        out.note(format!(
            "lifeboat: the lab was made with --{what} {number} and keeps it; `{again}` makes way for another"
        ));
    }
    Ok(Exit::Done)
}

fn print_summary(context: &Context, summary: &Summary) -> Result<(), Failure> {
    let out = context.out();
    out.line(format!("\n{}", out.styled(Style::Strong, "The lab is up.")))?;
    for server in &summary.servers {
        out.line(format!("  {:21} {:21} {}", server.server, server.address, server.does))?;
        if let Some(command) = &server.command {
            out.line(format!("  {:21} {}", "", out.styled(Style::Faint, &Output::safe(command))))?;
        }
    }
    out.line(format!("\n  Its folder:  {}", Output::safe(&summary.lab)))?;
    if !summary.data.starts_with(&summary.lab) {
        out.line(format!("  Its data:    {}", Output::safe(&summary.data)))?;
        out.line("               (elsewhere, because the servers' account cannot enter that folder)")?;
    }
    out.line(format!("  Its plan:    {}", Output::safe(&summary.plan)))?;
    if let Some(account) = &summary.account {
        out.line(format!("  Its servers run as {}, because servers must not run as root.", Output::safe(account)))?;
    }
    let next = [
        ("What in its plan does not hold", &["--lab", "plan", "check"][..]),
        ("What is kept of it", &["--lab", "points"]),
        ("How its servers are", &["lab", "status"]),
        ("What can be broken", &["lab", "fault"]),
        ("End it", &["lab", "down"]),
    ];
    out.line("")?;
    for (what, words) in next {
        out.line(format!("  {what:31} {}", Output::safe(context.again(words.iter().copied()))))?;
    }
    if !summary.faults.is_empty() {
        out.line("")?;
    }
    summary.faults.iter().try_for_each(|applied| lab_fault::in_force(context, applied))
}

fn down(context: &Context, folder: &Path, delete: bool) -> Result<Exit, Failure> {
    let down: Down = context.block_on(async |_| Ok(lab::down(folder, delete).await?))?;
    let out = context.out();
    if out.is_json() {
        out.json(&down)?;
        return Ok(Exit::Done);
    }
    let count = down.ended.len() + down.killed.len();
    let servers = if count == 1 { "server" } else { "servers" };
    let files = if down.deleted {
        "its files are gone".to_owned()
    } else {
        format!("its data stay for the next `{}`", Output::safe(context.again(["lab", "up"])))
    };
    out.line(format!("The lab is down: {count} {servers} ended, {files}."))?;
    if !down.left.is_empty() {
        let folder = Output::safe(folder.display());
        out.line(format!("{folder} stays, since it holds what is not the lab's: {}", listed(&down.left)))?;
    }
    if !down.killed.is_empty() && !down.deleted {
        out.line(format!("Killed, because they did not end when asked: {}.", down.killed.join(", ")))?;
    }
    Ok(Exit::Done)
}

/// A few names, made safe, and how many more there are.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(5).map(|name| untrusted(name, Shape::line(80))).collect();
    let more = names.len().saturating_sub(shown.len());
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

fn status(context: &Context, folder: &Path) -> Result<Exit, Failure> {
    let status = lab::status(folder)?;
    if context.out().is_json() {
        context.out().json(&status)?;
    } else {
        print_status(context, &status)?;
    }
    Ok(if status.is_whole() && status.faults.is_empty() { Exit::Done } else { Exit::Attention })
}

fn print_status(context: &Context, status: &Status) -> Result<(), Failure> {
    let out = context.out();
    for server in &status.servers {
        let style = match server.state {
            ServerState::Running => Style::Good,
            ServerState::Frozen => Style::Warning,
            ServerState::Stopped => Style::Bad,
        };
        let state = out.styled(style, &format!("{:8}", server.state));
        let memory = server.memory.map_or_else(String::new, |memory| Size(memory).approx());
        out.line(format!("{:21} {state} {:21} {memory:>8}", server.server, server.address))?;
        if let Some(command) = &server.reach {
            out.line(format!("{:21} {}", "", out.styled(Style::Faint, &Output::safe(command))))?;
        }
    }
    out.line(format!("{:21} {:30} {:>8}", "memory", "", Size(status.memory).approx()))?;
    status.faults.iter().try_for_each(|applied| lab_fault::in_force(context, applied))
}
