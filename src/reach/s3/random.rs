//! Random numbers: for marks that tell our own writes from those of others, and for waits that do not meet.

use std::hash::{BuildHasher, RandomState};

use rustls::crypto::CryptoProvider;

/// 128 bits that nobody can guess, in hexadecimal.
pub(crate) fn unheard_of() -> Result<String, &'static str> {
    let mut bytes = [0; 16];
    let random = CryptoProvider::get_default()
        .map_or_else(|| rustls::crypto::aws_lc_rs::default_provider().secure_random, |provider| provider.secure_random);
    random.fill(&mut bytes).map_err(|_| "this machine gives no random numbers")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Somewhere between nothing and one.
pub(super) fn fraction() -> f64 {
    let bits = RandomState::new().hash_one(0) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}
