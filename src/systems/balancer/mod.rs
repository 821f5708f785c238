//! Load balancers: whether they answer, and which of the hosts behind them do.

mod haproxy;
mod hosts;
mod nginx;
mod probe;

pub use probe::BalancerProbe;
