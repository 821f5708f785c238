//! The lab: a private two-site platform of real servers on this machine, and the faults that break it.
//!
//! Acts only on what it recorded as its own. Never touches a component of somebody's plan.

mod account;
pub mod app;
mod beneath;
mod certificates;
mod clusters;
mod config_files;
mod context;
mod down;
mod error;
mod events;
pub mod faults;
mod files;
mod folder_name;
mod home;
mod launch;
mod layout;
mod lock;
mod making;
mod network;
mod nodes;
mod packages;
pub mod password;
mod plan_file;
mod populate;
mod processes;
mod procfs;
mod programs;
mod record;
mod removal;
mod room;
pub mod s3;
mod secrets;
mod server_id;
mod servers;
mod signals;
mod site;
mod sockets;
mod status;
mod summary;
mod up;
pub mod world;

pub use down::{Down, down};
pub use error::LabError;
pub use faults::{Applied, FaultError};
pub use files::read_options;
pub use layout::Layout;
pub use nodes::Nodes;
pub use packages::{Missing, install_command};
pub use populate::load_options;
pub use server_id::{ServerId, UnknownServer};
pub use site::{Role, Site};
pub use status::{ServerState, ServerStatus, Status, status};
pub use summary::{ServerAddress, Summary};
pub use up::{LabOptions, Progress, up};
