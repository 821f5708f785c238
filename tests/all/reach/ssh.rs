//! Over the user's own ssh, to a real sshd.

use std::time::{Duration, Instant};

use lifeboat::plan::Place;
use lifeboat::reach::{Command, Ended, Ending, Reach, ReachError, Settings, SshTrouble};
use lifeboat::text::Explain;

use super::checks::{self, carriers, processes, sh, until};
use super::sshd::Sshd;

/// The same checks as everywhere, each with a server of its own.
macro_rules! over_ssh {
    ($($check:ident),+ $(,)?) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $check() {
            let Some(sshd) = Sshd::start("") else { return };
            let reach = sshd.reach("there").await;
            checks::$check(&reach).await;
            reach.close().await.unwrap();
        })+
    };
}

over_ssh!(
    nasty_arguments_arrive,
    endings_are_told_apart,
    a_deadline_ends_everything,
    cancelling_ends_everything,
    a_daemon_is_left_alone,
    what_stays_in_the_background_does_not_hold_us,
    what_chatters_in_the_background_does_not_hold_us,
    big_streams_arrive_whole,
    output_is_bounded_and_the_file_has_it_all,
    a_secret_is_seen_by_the_child_only,
    half_an_input_never_looks_like_a_whole_one,
);

async fn said(reach: &Reach, command: Command) -> String {
    let output = reach.run(command).await.unwrap().ok().unwrap();
    String::from_utf8(output.stdout.whole().unwrap().into_owned()).unwrap()
}

fn kill_client(tag: &lifeboat::reach::Tag) {
    let tag = tag.to_string();
    let is_client = |cmdline: &[u8]| {
        cmdline.starts_with(b"ssh\0")
            || cmdline.split(|b| *b == 0).next().is_some_and(|program| program.ends_with(b"/ssh"))
    };
    let clients = processes(|_, cmdline| is_client(cmdline) && cmdline.windows(tag.len()).any(|w| w == tag.as_bytes()));
    assert!(!clients.is_empty());
    for client in clients {
        let pid: i32 = client.split(' ').next().unwrap().parse().unwrap();
        let _ =
            rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), rustix::process::Signal::KILL);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_client_leaves_an_orphan_that_is_found_and_ended() {
    let Some(sshd) = Sshd::start("") else { return };
    let reach = sshd.reach("there").await;
    let command = sh("(sleep 1000; :) & sleep 1000; :");
    let tag = command.its_tag().clone();
    let running = reach.stream(command).await.unwrap();
    let process = running.process().clone();
    until("it runs", || carriers(&tag).len() >= 3).await;
    kill_client(&tag);
    let output = running.wait().await;
    assert_eq!(output.ending, Ending::Lost);
    let error = output.ok().unwrap_err();
    assert!(error.to_string().contains("is unknown") && error.next_step().contains(tag.as_str()), "{error}");
    let found = reach.find(&tag).await.unwrap();
    assert!(found.len() >= 3 && found.iter().any(|one| one.id == process), "{found:?} without {process:?}");
    assert_eq!(reach.end(&tag, Duration::from_secs(2)).await.unwrap(), Ended::Asked);
    assert_eq!(carriers(&tag), Vec::<String>::new());
    assert_eq!(reach.find(&tag).await.unwrap(), Vec::new());
    reach.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_is_unknown_not_failed() {
    let Some(mut sshd) = Sshd::start("") else { return };
    let reach = sshd.reach("there").await;
    let command = sh("sleep 1000; :");
    let tag = command.its_tag().clone();
    let running = reach.stream(command).await.unwrap();
    until("it runs", || carriers(&tag).len() >= 2).await;
    sshd.cut();
    let output = running.wait().await;
    assert_eq!(output.ending, Ending::Lost);
    // The host is back, and what still runs there is ended by its tag.
    Reach::here(&lifeboat::text::Redactor::new()).end(&tag, Duration::from_secs(2)).await.unwrap();
    assert_eq!(carriers(&tag), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_share_a_connection() {
    let Some(sshd) = Sshd::start("") else { return };
    let reach = sshd.reach("there").await;
    let first = said(&reach, sh("echo $SSH_CONNECTION")).await;
    let start = Instant::now();
    let second = said(&sshd.reach("there").await, sh("echo $SSH_CONNECTION")).await;
    println!("a command over the shared connection took {:?}", start.elapsed());
    assert_eq!(first, second);
    let runs = (0..15).map(|_| said(&reach, sh("sleep 0.5; echo ok")));
    for one in futures_util::future::join_all(runs).await {
        assert_eq!(one, "ok\n");
    }
    reach.close().await.unwrap();
    assert_ne!(said(&reach, sh("echo $SSH_CONNECTION")).await, first);
    reach.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_talkative_login_shell_does_not_get_into_the_data() {
    let Some(sshd) =
        Sshd::start("ForceCommand echo Welcome; echo 'have a nice day' >&2; eval \"$SSH_ORIGINAL_COMMAND\"")
    else {
        return;
    };
    let reach = sshd.reach("there").await;
    assert_eq!(said(&reach, sh("echo data")).await, "data\n");
    checks::nasty_arguments_arrive(&reach).await;
    reach.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn jump_hosts_of_the_configuration_work() {
    let (Some(sshd), Some(jump)) = (Sshd::start(""), Sshd::start("")) else { return };
    let behind = sshd.host("behind", "user", "known_hosts") + " ProxyJump jump\n";
    sshd.write("config", &(behind + &jump.host("jump", "user", "known_hosts")));
    let reach = sshd.reach("behind").await;
    assert!(said(&reach, sh("echo $SSH_CONNECTION")).await.contains(&sshd.port().to_string()));
    reach.close().await.unwrap();
}

async fn trouble(settings: &Settings, host: &str) -> (SshTrouble, ReachError) {
    let start = Instant::now();
    let reach = Reach::open(&Place { ssh: Some(host.to_owned()), ..Place::HERE }, settings).await.unwrap();
    let error = reach.run(Command::new("true")).await.unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}: {error}", start.elapsed());
    let ReachError::Ssh { trouble, .. } = &error else { panic!("{error:?}") };
    (*trouble, error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_wants_a_password_does_not_hang_us() {
    let Some(sshd) = Sshd::start("PasswordAuthentication yes") else { return };
    sshd.write("config", &sshd.host("asks", "stranger", "known_hosts"));
    let (kind, error) = trouble(&sshd.settings(), "asks").await;
    assert_eq!(kind, SshTrouble::Denied);
    assert!(error.next_step().contains("BatchMode"), "{}", error.next_step());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_host_that_wants_a_password_does_not_hang_us() {
    // ssh starts another ssh for a jump host, without passing on that nobody is there to answer.
    let (Some(sshd), Some(jump)) = (Sshd::start(""), Sshd::start("PasswordAuthentication yes")) else { return };
    let behind = sshd.host("behind", "user", "known_hosts") + " ProxyJump jump\n";
    sshd.write("config", &(behind + &jump.host("jump", "stranger", "known_hosts")));
    let (kind, _) = trouble(&sshd.settings(), "behind").await;
    assert_eq!(kind, SshTrouble::Denied);
    // Nor does one whose key nobody has accepted yet.
    let behind = sshd.host("behind", "user", "known_hosts") + " ProxyJump jump\n";
    sshd.write("config", &(behind + &jump.host("jump", "user", "no_known_hosts")));
    let (kind, _) = trouble(&sshd.settings(), "behind").await;
    assert_eq!(kind, SshTrouble::UnknownHostKey);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strange_host_key_is_told_apart_from_a_changed_one() {
    let Some(sshd) = Sshd::start("") else { return };
    sshd.write("config", &sshd.host("new", "user", "no_known_hosts"));
    let (kind, error) = trouble(&sshd.settings(), "new").await;
    assert_eq!(kind, SshTrouble::UnknownHostKey);
    assert!(error.next_step().contains("fingerprint"), "{}", error.next_step());
    sshd.write("other_hosts", &format!("[127.0.0.1]:{} {}", sshd.port(), sshd.read("stranger.pub")));
    sshd.write("config", &sshd.host("rebuilt", "user", "other_hosts"));
    let (kind, error) = trouble(&sshd.settings(), "rebuilt").await;
    assert_eq!(kind, SshTrouble::ChangedHostKey);
    assert!(error.to_string().contains("not the one known here"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_cannot_be_reached_are_told_apart() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let port = silent.local_addr().unwrap().port();
    let text = format!(
        "Host silent\n HostName 127.0.0.1\n Port {port}\nHost closed\n HostName 127.0.0.1\n Port {closed}\n\
         Host nowhere\n HostName nowhere.invalid\n"
    );
    std::fs::write(&config, text).unwrap();
    let settings =
        Settings { ssh_config: Some(config.clone()), connect: Duration::from_secs(2), ..Settings::default() };
    assert_eq!(trouble(&settings, "silent").await.0, SshTrouble::NoAnswer);
    assert_eq!(trouble(&settings, "closed").await.0, SshTrouble::Refused);
    assert_eq!(trouble(&settings, "nowhere").await.0, SshTrouble::NoSuchName);
    std::fs::write(&config, "Nonsense yes\n").unwrap();
    assert_eq!(trouble(&settings, "silent").await.0, SshTrouble::Configuration);
    for host in ["", "-oProxyCommand=id", "a b"] {
        let place = Place { ssh: Some(host.to_owned()), ..Place::HERE };
        assert!(Reach::open(&place, &settings).await.is_err(), "{host:?}");
    }
}
