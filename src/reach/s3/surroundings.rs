//! The variables of our environment, or others in their place.

use std::fmt;
use std::sync::Arc;

type Look = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the variables say by which every client of AWS finds its keys.
#[derive(Clone)]
pub struct Surroundings(Look);

impl Surroundings {
    /// Variables that are not those of this process.
    pub fn new(look: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Surroundings {
        Surroundings(Arc::new(look))
    }

    /// A variable; none if it is empty.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl Default for Surroundings {
    fn default() -> Surroundings {
        Surroundings::new(|name| std::env::var(name).ok())
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(…)")
    }
}
