//! Logs fetched for a screen: from real files, again and again, and with a way out where they cannot be read.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use lifeboat::console::fetch::{LogAnswer, LogWish, fetch};
use lifeboat::text::Redactor;
use lifeboat::watch::Means;
use tokio_util::sync::CancellationToken;

use super::made_up::read;

fn wish(component: usize, follows: bool) -> LogWish {
    LogWish { component, lines: 100, follows }
}

fn texts(answer: LogAnswer) -> Vec<String> {
    answer.lines.unwrap().into_iter().map(|line| line.text).collect()
}

#[test]
fn a_log_is_read_as_often_as_it_is_wished_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    std::fs::write(&path, "ERROR the first hunter2hunter2\n").unwrap();
    let plan = read(&format!(
        "[platform]\nname = 'p'\n[[component]]\nname = 'app'\nkind = 'http'\nlog = '{}'\n\
         [[component]]\nname = 'gone'\nkind = 'http'\nlog = '{}/no-such.log'\n",
        path.display(),
        folder.path().display()
    ));
    let redactor = Redactor::new();
    redactor.register(b"hunter2hunter2");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let stop = CancellationToken::new();
        let means = Arc::new(Means::new(&redactor, stop.clone()));
        let (wishes, mut answers) = fetch(plan, means);
        wishes.send_replace(Some(wish(0, true)));
        assert_eq!(texts(answers.recv().await.unwrap()), ["ERROR the first [***]"]);
        let mut log = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        writeln!(log, "the second").unwrap();
        assert_eq!(texts(answers.recv().await.unwrap()).len(), 2);
        // A new wish is heard at once, whatever was under way.
        wishes.send_replace(Some(wish(1, false)));
        let gone = answers.recv().await.unwrap();
        let why = gone.lines.unwrap_err();
        assert!(gone.component == 1 && why.contains("no-such.log") && why.contains("ls -l"), "{why}");
        // Who does not follow is not told again.
        let silence = tokio::time::timeout(Duration::from_secs(3), answers.recv()).await;
        assert!(silence.is_err(), "{silence:?}");
        wishes.send_replace(Some(wish(0, false)));
        assert_eq!(texts(answers.recv().await.unwrap()).len(), 2);
        stop.cancel();
        assert_eq!(answers.recv().await, None);
    });
}
