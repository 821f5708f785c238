//! Jobs by schedule: which slots are due, who runs them, and how they ended.
//!
//! Each slot is claimed where every host sees it, so that one of them runs it, once. What the work is lies with an
//! [`Executor`].
//!
//! ```text
//! STORE/.lifeboat/PLATFORM/slots/job.postgres-daily.20241118t020000z.json    a slot: its holder, then how it ended
//! ```

mod book;
mod books;
mod decide;
mod events;
mod one_run;
mod order;
mod patient;
mod record;
mod round;
mod said;
mod standing;

pub use book::{Book, Claimed, KEPT, Turn};
pub use books::{Asker, Books, Found};
pub use decide::{Due, DueSlot, Missed, ON_TIME, Timing, due};
pub use events::{ENDED, MISSED, STARTED};
pub use order::in_order;
pub use record::{Ending, Outcome, Record, Rest, Run, SlotState};
pub use round::{Executor, Round, run_due};
pub use said::{Came, News, Said};
pub use standing::{JobStanding, standings};
