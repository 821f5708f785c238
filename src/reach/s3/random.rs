//! Random numbers: for marks that tell our own writes from those of others, and for waits that do not meet.

use std::hash::{BuildHasher, RandomState};

use rustix::rand::{GetRandomFlags, getrandom};

/// 128 bits that nobody can guess, in hexadecimal. The library that encrypts gathers randomness of its own for many
/// milliseconds before it gives any; a server that hands over its log waits for that.
pub(crate) fn unheard_of() -> Result<String, &'static str> {
    let mut bytes = [0; 16];
    let filled = getrandom(&mut bytes, GetRandomFlags::empty());
    filled.ok().filter(|count| *count == bytes.len()).ok_or("this machine gives no random numbers")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Somewhere between nothing and one.
pub(super) fn fraction() -> f64 {
    let bits = RandomState::new().hash_one(0) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
