//! The frame around every screen. A later screen is one file and one line in the list of screens; nothing here
//! knows any of them.
//!
//! ```text
//!  PRODUCTION  AI Agent Orchestrator   primary is active          (an incident's clock)  03:12:45 CET  02:12 UTC
//!  1 Overview  2 Component  3 Logs  4 People  5 Journal  6 Plan                                      network ok
//!  what must not be overlooked, if there is anything
//!  the screen
//!  enter open  / filter  y copy                                                    ? help  : find  q quit
//! ```

mod banners;
mod card;
mod clock;
mod footer;
mod header;
mod nav;

pub use banners::banners;
pub use card::card;
pub use footer::footer;
pub use header::header;
pub use nav::navigation;
