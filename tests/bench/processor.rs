//! What a process takes of the processor.

/// Seconds on the processor.
pub fn ticks(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after = stat.rsplit_once(')').unwrap().1;
    let fields: Vec<&str> = after.split_whitespace().collect();
    let number = |index: usize| fields[index].parse::<f64>().unwrap();
    (number(11) + number(12)) / rustix::param::clock_ticks_per_second() as f64
}
