//! What each screen shows, at every size, and what it does.

mod asked;
mod at_work;
mod does;
mod drawn;
mod fetched;
mod kept;
mod made_up;
mod shown;
mod sizes;
mod whole;
