//! What opens the encrypted files of a store.

use crate::plan::types::Store;
use crate::systems::Contact;
use crate::vault::Keys;

/// What the plan names for it; nothing where it names none.
pub(super) async fn keys(store: &Store, with: &Contact<'_>) -> Result<Option<Keys>, String> {
    let Some(identity) = &store.decrypt_with else { return Ok(None) };
    let secret = with.secrets.resolve(identity).await.map_err(|error| error.to_string())?;
    let text = secret.expose_str().unwrap_or_default();
    Keys::read(text).map(Some).map_err(|error| error.to_string())
}
