//! Certificates and keys, taken when they change: by whoever asks what is due, and within seconds by whoever watches.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::program::Home;
use crate::systems::tls::{Authority, Good};

/// A certificate with its key, and a job that takes both whenever they change.
struct Place {
    home: Home,
    authority: Authority,
}

impl Place {
    fn new() -> Place {
        let place = Place { home: Home::new(), authority: Authority::new("ours") };
        let root = place.home.path().display();
        let settings = format!("[component.certificate]\nkey = '{root}/app.key'\n");
        let plan = [
            "[platform]\nname = 'p'\n".to_owned(),
            format!("[[component]]\nname = 'tls'\nkind = 'certificate'\naddress = '{root}/app.pem'\n{settings}"),
            format!("[[store]]\nname = 'local'\nkind = 'directory'\npath = '{root}/local'\n"),
            "[[job]]\nname = 'certs'\ndo = 'backup'\nof = 'tls'\nmethod = 'files'\non_change = true\nto = ['local']\n"
                .to_owned(),
        ];
        place.home.write("plan.toml", plan.concat());
        std::fs::create_dir(place.home.path().join("local")).unwrap();
        place.renew();
        place
    }

    /// Another certificate, and after it its key, as programs that renew do it: written beside, and moved there.
    fn renew(&self) {
        let issued = self.authority.issue(&["app.example"], Good::Long);
        for (name, text) in [("app.pem", &issued.certificate), ("app.key", &issued.key)] {
            let new = self.home.write("new", text);
            let old = std::time::SystemTime::now() - Duration::from_hours(24);
            std::fs::File::options().write(true).open(&new).unwrap().set_modified(old).unwrap();
            std::fs::rename(new, self.home.path().join(name)).unwrap();
        }
    }

    /// Runs what is due until the word for the job is another one than that it is not due.
    fn due(&self) -> String {
        let begun = Instant::now();
        loop {
            let ran = self.home.run("--plan plan.toml --state state backup --due --json");
            let came = ran.json()["jobs"][0]["came"].as_str().unwrap().to_owned();
            if came != "not due" || begun.elapsed() > Duration::from_secs(5) {
                return came;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn points(&self) -> usize {
        self.home.run("--plan plan.toml --state state points --json").json()["points"].as_array().unwrap().len()
    }
}

#[test]
fn a_change_is_due_once() {
    let place = Place::new();
    assert_eq!((place.due().as_str(), place.points()), ("done", 1));
    assert_eq!((place.due().as_str(), place.points()), ("not due", 1));
    place.renew();
    assert_eq!((place.due().as_str(), place.points()), ("done", 2));
    let jobs = place.home.run("--plan plan.toml --state state jobs --json").json();
    assert_eq!(jobs["jobs"][0]["last"]["outcome"], "done", "{jobs:#}");
}

#[test]
fn whoever_watches_takes_it_within_seconds() {
    let place = Place::new();
    let mut command = place.home.command(["--plan", "plan.toml", "--state", "state", "watch"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut taken = || {
        let begun = Instant::now();
        let line = lines
            .by_ref()
            .map(Result::unwrap)
            .find(|line| [" certs done: ", " certs failed"].iter().any(|it| line.contains(it)))
            .unwrap();
        assert!(line.contains(" certs done: "), "{line}");
        (begun.elapsed(), line)
    };
    taken();
    assert_eq!(place.points(), 1);
    place.renew();
    let (took, line) = taken();
    assert!(took < Duration::from_secs(15) && line.contains("in local"), "after {took:?}: {line}");
    assert_eq!(place.points(), 2);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    child.wait().unwrap();
}
