//! Having the append-only file rewritten by the server itself, and seeing that it was.

use std::time::Duration;

use super::info::Info;
use super::login::Address;
use super::session::{Questions, Session};
use super::trouble;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, Size, Span, untrusted};

/// How often it is looked whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewritten {
    /// It was rewritten.
    Done {
        /// How large it was before, and is now, where the server tells.
        sizes: Option<(Size, Size)>,
    },
    /// It was not, for this reason.
    Not(String),
}

/// Has it rewritten, and waits for the end of that.
pub async fn rewrite(component: &Component, with: &Contact<'_>, patience: Duration) -> Result<Rewritten, ContactError> {
    let address = Address::of(component)?;
    let mut session = address.open(component, with).await.map_err(|failure| failure.into_error(component))?;
    let before = standing(&mut session, component).await?;
    if !before.is_on {
        return Ok(Rewritten::Not("its append-only file is switched off: there is nothing to rewrite".to_owned()));
    }
    let answers = session.ask(&Questions::new().ask(&["BGREWRITEAOF"])).await;
    let answers = answers.map_err(|error| trouble::asking(component, &error, &session).into_error(component))?;
    if let Err(error) = answers.text(0) {
        let said = error.detail().unwrap_or_default();
        // One that is under way already is as good as ours.
        if !said.contains("already in progress") {
            return Ok(Rewritten::Not(untrusted(format!("it refused: {error}"), Shape::line(200))));
        }
    }
    let wait = async {
        loop {
            let now = standing(&mut session, component).await?;
            if !now.is_under_way {
                return Ok::<Standing, ContactError>(now);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let after = tokio::select! {
        () = with.stop.cancelled() => return Ok(Rewritten::Not("the waiting for it was called off; it goes on".to_owned())),
        waited = tokio::time::timeout(patience, wait) => {
            let Ok(after) = waited else {
                return Ok(Rewritten::Not(format!("after {} it was still under way, and goes on", Span::from(patience))));
            };
            after?
        }
    };
    if !after.was_well {
        return Ok(Rewritten::Not("it failed: the server's own log says why".to_owned()));
    }
    if let (Some(before), Some(after)) = (before.rewrites, after.rewrites)
        && after <= before
    {
        return Ok(Rewritten::Not("the server was asked, and has not done it".to_owned()));
    }
    Ok(Rewritten::Done { sizes: before.size.zip(after.size) })
}

/// How its append-only file stands.
struct Standing {
    is_on: bool,
    is_under_way: bool,
    was_well: bool,
    size: Option<Size>,
    /// How often it was rewritten since the server started; told since Redis 7.0.
    rewrites: Option<u64>,
}

async fn standing(session: &mut Session, component: &Component) -> Result<Standing, ContactError> {
    let answers = session.ask(&Questions::new().ask(&["INFO", "persistence"])).await;
    let answers = answers.map_err(|error| trouble::asking(component, &error, session).into_error(component))?;
    let said = answers.text(0).map_err(|error| trouble::asking(component, error, session).into_error(component))?;
    let info = Info::of(&said);
    Ok(Standing {
        is_on: info.is("aof_enabled", "1"),
        is_under_way: info.is("aof_rewrite_in_progress", "1") || info.is("aof_rewrite_scheduled", "1"),
        was_well: info.is("aof_last_bgrewrite_status", "ok"),
        size: info.count("aof_current_size").map(Size),
        rewrites: info.count("aof_rewrites"),
    })
}
