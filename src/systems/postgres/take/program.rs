//! The programs of `PostgreSQL` at a place: one that knows the server's version, and how it finds the server.

use std::time::Duration;

use crate::plan::types::Component;
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;
use crate::systems::postgres::login::Address;
use crate::systems::take::TakeError;

/// How long a program may take to tell its version.
const SOON: Duration = Duration::from_secs(30);

/// A folder with programs of one version.
pub struct Programs {
    /// Ends with a slash; empty where the search path finds them.
    folder: String,
    /// Their major version.
    pub major: u32,
}

impl Programs {
    /// Those that know a server of this version, where `named` is asked: older ones refuse it, or leave something out.
    pub async fn find(component: &Component, server: u32, at: &Reach) -> Result<Programs, TakeError> {
        let named = component.postgres.as_ref().and_then(|settings| settings.programs.as_ref());
        let folders = match named {
            Some(folder) => vec![format!("{}/", folder.display())],
            None => vec![format!("/usr/lib/postgresql/{server}/bin/"), String::new()],
        };
        let mut found = Vec::new();
        for folder in folders {
            let Some(major) = version(&folder, at).await? else { continue };
            if major >= server {
                return Ok(Programs { folder, major });
            }
            found.push(major.to_string());
        }
        let why = match found.last() {
            Some(major) => format!("the server is PostgreSQL {server}, and pg_dump at {} is {major}", at.place()),
            None => format!("there is no pg_dump at {}", at.place()),
        };
        Err(TakeError::Refused { component: component.name.clone(), why, next: OLDER })
    }

    /// One of them, ready to find the server of a component.
    pub async fn run(
        &self,
        program: &str,
        component: &Component,
        server: Option<&(String, u16)>,
        with: &Contact<'_>,
    ) -> Result<Command, TakeError> {
        let mut command = Command::new(format!("{}{program}", self.folder)).arg("--no-password");
        command = command.env("LC_ALL", "C").env("PGAPPNAME", "lifeboat").env("PGCONNECT_TIMEOUT", "30");
        for (name, value) in Address::of(component)?.variables(server) {
            command = command.env(name, value);
        }
        if let Some(password) = &component.password {
            let password = with.secrets.resolve(password).await.map_err(crate::systems::ContactError::from)?;
            command = command.secret_env("PGPASSWORD", &password);
        }
        Ok(command.cancelled_by(with.stop.clone()))
    }

    /// The way to call one of them without any server.
    pub fn path(&self, program: &str) -> String {
        format!("{}{program}", self.folder)
    }
}

const OLDER: &str = "Install the client of the server's version there (postgresql-client-N), or name its folder as \
    `postgres.programs`.";

async fn version(folder: &str, at: &Reach) -> Result<Option<u32>, TakeError> {
    let asked = Command::new(format!("{folder}pg_dump")).arg("--version").env("LC_ALL", "C").deadline(SOON);
    let output = match at.run(asked).await {
        Ok(output) if output.is_ok() => output,
        // It is not there: another may be.
        Ok(_) | Err(ReachError::NoProgram { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let said = String::from_utf8_lossy(&output.stdout.end()).into_owned();
    let number = said.split_whitespace().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
    let digits = number.map(|word| word.chars().take_while(char::is_ascii_digit).collect::<String>());
    Ok(digits.and_then(|digits| digits.parse().ok()))
}
