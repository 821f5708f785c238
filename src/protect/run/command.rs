//! Running the program of a job, where the job says.

use super::patience;
use crate::plan::types::Job;
use crate::protect::due::Outcome;
use crate::reach::{Command, Reach};
use crate::systems::Contact;

/// Runs it to its end.
pub(super) async fn run(job: &Job, with: &Contact<'_>) -> Outcome {
    let Some((program, arguments)) = job.run.split_first() else {
        return Outcome::failed("the plan does not say what to run (`run`)");
    };
    let place = job.at.clone().unwrap_or_default();
    let reach = match Reach::open(&place, with.reach).await {
        Ok(reach) => reach,
        Err(error) => return Outcome::failed(error.to_string()),
    };
    let command = Command::new(program).args(arguments).deadline(patience(job)).cancelled_by(with.stop.clone());
    let said = match reach.run(command).await {
        Ok(said) => said,
        Err(error) => return Outcome::failed(error.to_string()),
    };
    let errors = said.stderr.shown(&with.reach.redactor, 300);
    let last = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let told = if last.is_empty() { said.ending.to_string() } else { format!("{}: {last}", said.ending) };
    if said.is_ok() { Outcome::done(told) } else { Outcome::failed(told) }
}

#[cfg(test)]
mod tests {
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::protect::due::Ending;
    use crate::reach::{Secrets, Settings};
    use crate::text::{Redactor, SystemClock};

    async fn ran(rest: &str) -> Outcome {
        let job: Job = toml::from_str(&format!("name = 'j'\ndo = 'command'\n{rest}")).unwrap();
        let redactor = Redactor::new();
        assert!(redactor.register(b"hunter22"));
        let (secrets, reach) = (Secrets::new(&redactor), Settings { redactor, ..Settings::default() });
        let stop = CancellationToken::new();
        let with = Contact { secrets: &secrets, reach: &reach, clock: &SystemClock, stop, only_looks: false };
        run(&job, &with).await
    }

    #[tokio::test]
    async fn the_code_and_the_last_words_are_told_and_no_secret() {
        let failed = ran(r#"run = ["sh", "-c", "echo first >&2; echo 'no hunter22' >&2; exit 3"]"#).await;
        assert_eq!(failed, Outcome::failed("failed with exit code 3: no [***]"));
        assert_eq!(ran("run = ['true']").await, Outcome::done("finished"));
        assert_eq!(ran("run = ['/no/such/program']").await.ending, Ending::Failed);
        assert!(ran("").await.told.contains("`run`"));
        let literal = ran("run = ['sh', '-c', 'echo \"$1\" >&2', 'x', '$(id); *']").await;
        assert_eq!(literal, Outcome::done("finished: $(id); *"), "no shell of ours reads it");
    }
}
