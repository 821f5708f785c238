//! A lab comes up, is there, and goes.

use std::path::{Path, PathBuf};

use lifeboat::lab::{self, LabOptions};

/// A lab that is ended and removed with the test, however the test ends.
struct TestLab {
    base: PathBuf,
}

impl TestLab {
    fn new() -> TestLab {
        TestLab { base: tempfile::Builder::new().prefix("lab").tempdir().unwrap().keep() }
    }

    fn base(&self) -> &Path {
        &self.base
    }

    fn options(&self) -> LabOptions {
        let mut options = LabOptions::new(&self.base);
        options.program = Some(env!("CARGO_BIN_EXE_lifeboat").into());
        options
    }
}

impl Drop for TestLab {
    fn drop(&mut self) {
        let base = self.base.clone();
        let end = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(lab::down(&base, true))
        });
        if !matches!(end.join(), Ok(Ok(_))) {
            eprintln!("the lab in {} was not ended", self.base.display());
        }
        let _ = std::fs::remove_dir_all(&self.base);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn up_and_down() {
    let test = TestLab::new();
    let start = std::time::Instant::now();
    let summary = lab::up(&test.options(), &|progress| {
        eprintln!("{:6.2} {} {}", progress.after.as_secs_f64(), progress.about, progress.what);
    })
    .await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    eprintln!("{:?} {summary:#?}", start.elapsed());
    let status = lab::status(test.base()).unwrap();
    eprintln!("{status:#?}");
    eprintln!("{}", status.memory / 1024 / 1024);
    let start = std::time::Instant::now();
    let down = lab::down(test.base(), false).await.unwrap();
    eprintln!("{:?} {down:#?}", start.elapsed());
}
