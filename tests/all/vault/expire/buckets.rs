//! Buckets: their own rules are told, and what they lock is left.
