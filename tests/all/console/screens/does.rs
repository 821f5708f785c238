//! What the screens do when keys are pressed.

use std::sync::Arc;

use lifeboat::console::fetch::{LogAnswer, LogWish};
use lifeboat::console::screens::{Component, Journal, Logs, Overview, People, Plan};
use lifeboat::console::{Action, Reply, Screen, Theme, View, Zone};
use lifeboat::desk::Desk;
use lifeboat::systems::logs::{Level, LogLine};

use super::drawn::{draw, lines, view};
use super::made_up::{desk, falling, now};

/// A screen with its desk, drawn after each action as on a terminal.
struct Sat<S> {
    screen: S,
    desk: Desk,
    theme: Theme,
}

impl<S: Screen + Default> Sat<S> {
    fn down() -> Sat<S> {
        let mut sat = Sat { screen: S::default(), desk: desk(), theme: Theme::default() };
        sat.text();
        sat
    }

    fn act(&mut self, action: Action) -> Reply {
        let reply = self.screen.act(action, &view(&self.desk, &self.theme));
        self.text();
        reply
    }

    fn filter(&mut self, text: &str) {
        self.screen.filter(text, &view(&self.desk, &self.theme));
        self.text();
    }

    fn lines(&mut self) -> Vec<String> {
        lines(&draw(&mut self.screen, &self.desk, 80, 24))
    }

    fn text(&mut self) -> String {
        self.lines().join("\n")
    }

    fn chosen(&mut self) -> String {
        self.lines().into_iter().find(|line| line.starts_with('›')).unwrap_or_default()
    }
}

#[test]
fn the_overview_opens_what_is_chosen() {
    let mut overview = Sat::<Overview>::down();
    assert!(overview.chosen().contains("postgres"));
    assert_eq!(overview.act(Action::Down), Reply::Done);
    assert!(overview.chosen().contains("redis"));
    assert_eq!(overview.act(Action::Open), Reply::Component(1));
    assert_eq!(overview.act(Action::Back), Reply::Ignored);
    let Reply::Copy(told) = overview.act(Action::Copy) else { panic!() };
    assert_eq!(told, "2023-11-15T02:12:05.000Z redis down: the server refused the connection to 10.0.0.6:6379");
}

#[test]
fn a_folded_group_still_says_how_it_is_and_a_filter_looks_into_it() {
    let mut overview = Sat::<Overview>::down();
    overview.act(Action::Fold);
    let text = overview.text();
    assert!(text.contains("▸ 1 Critical, back within 1h  ✖ 1 down  ▲ 1 degraded  ● 2 healthy"), "{text}");
    assert!(!text.contains("the server refused"), "{text}");
    overview.filter("redis 10");
    assert!(overview.text().contains("0 of 13 with \"redis 10\""));
    overview.filter("redis");
    let text = overview.text();
    assert!(text.contains("2 of 13 with \"redis\"") && text.contains("the server refused"), "{text}");
    overview.filter("");
    assert!(!overview.text().contains("the server refused"));
    overview.act(Action::First);
    overview.act(Action::Right);
    assert!(overview.text().contains("the server refused"));
}

#[test]
fn problems_float_up_the_worst_first() {
    let mut overview = Sat::<Overview>::down();
    overview.act(Action::Problems);
    let lines = overview.lines();
    let place = |name: &str| lines.iter().position(|line| line.contains(name)).unwrap_or(99);
    assert!(place("Not well") < place("redis ") && place("redis ") < place("node-1"), "{}", lines.join("\n"));
    assert!(place("node-1") < place("▲ degraded  postgres"), "{}", lines.join("\n"));
    overview.act(Action::Problems);
    assert!(!overview.text().contains("Not well"));
}

#[test]
fn one_component_follows_the_other_and_its_log_is_opened() {
    let mut component = Sat::<Component>::down();
    component.act(Action::Right);
    assert!(component.lines()[0].contains("redis  Sessions"), "{}", component.text());
    component.act(Action::Left);
    component.act(Action::Left);
    assert!(component.lines()[0].ends_with("13 of 13"), "{}", component.text());
    assert_eq!(component.act(Action::Open), Reply::Logs(12));
    component.screen.show(0);
    component.filter("connections");
    let text = component.text();
    assert!(
        text.contains("Facts") && text.contains("at most 80%, by the plan") && !text.contains("Standbys"),
        "{text}"
    );
}

#[test]
fn the_journal_goes_with_what_is_new_until_something_is_chosen() {
    let mut journal = Sat::<Journal>::down();
    assert!(journal.chosen().contains("node-1"));
    let newer = |desk: &Desk, seq| {
        let mut entry = desk.events.last().unwrap().clone();
        (entry.seq, entry.subject) = (seq, format!("new-{seq}"));
        desk.events.iter().cloned().chain([entry]).collect::<Vec<_>>().into()
    };
    journal.desk.events = newer(&journal.desk, 7);
    assert!(journal.chosen().contains("new-7"), "{}", journal.text());
    journal.act(Action::Down);
    journal.act(Action::Down);
    assert!(journal.chosen().contains("postgres"), "{}", journal.text());
    journal.desk.events = newer(&journal.desk, 8);
    assert!(journal.chosen().contains("postgres") && journal.text().contains("new-8"), "{}", journal.text());
    assert_eq!(journal.act(Action::Open), Reply::Component(0));
    journal.act(Action::First);
    journal.desk.events = newer(&journal.desk, 9);
    assert!(journal.chosen().contains("new-9"), "{}", journal.text());
    journal.filter("clock-jumped");
    assert!(journal.text().contains("1 of 9 with \"clock-jumped\""), "{}", journal.text());
    assert!(matches!(journal.act(Action::Open), Reply::Say(_)));
}

#[test]
fn the_plan_is_read_one_after_the_other_where_it_is_narrow() {
    let mut plan = Sat::<Plan>::down();
    assert!(plan.text().contains("At a glance") && !plan.text().contains("Promised"));
    plan.act(Action::Open);
    assert!(!plan.text().contains("At a glance") && plan.text().contains("Promised"), "{}", plan.text());
    assert!(plan.text().contains("2023-12-01"), "{}", plan.text());
    plan.act(Action::Back);
    assert!(plan.text().contains("At a glance"));
    assert_eq!(plan.act(Action::Back), Reply::Ignored);
}

#[test]
fn whom_to_call_goes_to_the_clipboard() {
    let mut people = Sat::<People>::down();
    let wanted = "Anna Anderson: +49 30 1234, @anna, anna@example.com";
    assert_eq!(people.act(Action::Copy), Reply::Copy(wanted.to_owned()));
}

#[test]
fn on_the_next_monday_somebody_else_is_on_duty() {
    let (desk, theme) = (desk(), Theme::default());
    let later = View { now: now() + chrono::TimeDelta::days(7), zone: Zone::Utc, desk: &desk, theme: &theme };
    let Reply::Copy(told) = People::default().act(Action::Copy, &later) else { panic!() };
    assert!(told.starts_with("Bert Baker"), "{told}");
}

fn answer(component: usize, count: usize) -> LogAnswer {
    let line = |number: usize| LogLine {
        at: None,
        level: if number.is_multiple_of(10) { Level::Error } else { Level::Info },
        text: format!("line {number}."),
    };
    LogAnswer { component, at: now(), lines: Ok((0..count).map(line).collect()) }
}

#[test]
fn a_log_is_followed_until_one_reads_what_was_said_before() {
    let mut logs = Sat::<Logs>::down();
    let wish = |logs: &Sat<Logs>| logs.screen.wants(&view(&logs.desk, &logs.theme));
    assert_eq!(wish(&logs), Some(LogWish { component: 0, lines: 500, follows: true }));
    logs.screen.take(answer(0, 100));
    assert!(logs.text().contains("line 99."), "{}", logs.text());
    logs.act(Action::PageUp);
    assert!(!logs.text().contains("line 99.") && logs.text().contains("standing still"), "{}", logs.text());
    assert_eq!(wish(&logs).map(|wish| wish.follows), Some(false));
    logs.act(Action::Last);
    logs.screen.take(answer(0, 101));
    assert!(logs.text().contains("line 100."), "{}", logs.text());
    logs.act(Action::Level);
    logs.act(Action::Level);
    assert!(logs.text().contains("11 of 101 lines, errors only"), "{}", logs.text());
    logs.filter("line 5");
    assert!(logs.text().contains("1 of 101 lines, errors only, with \"line 5\""), "{}", logs.text());
    // What comes for another component than the one that is shown is too late.
    logs.screen.take(answer(1, 3));
    assert!(logs.text().contains("1 of 101 lines"), "{}", logs.text());
}

#[test]
fn a_component_without_a_log_wants_none_and_says_what_to_do() {
    let mut logs = Sat::<Logs>::down();
    logs.screen.show(2);
    assert_eq!(logs.screen.wants(&view(&logs.desk, &logs.theme)), None);
    assert!(logs.text().contains("give it a `log`"), "{}", logs.text());
    logs.act(Action::Right);
    assert!(logs.text().contains("The log of postgres"), "{}", logs.text());
}

#[test]
fn a_desk_with_another_plan_is_another_plan_on_every_screen() {
    let mut plan = Sat::<Plan>::down();
    let other = super::made_up::read("[platform]\nname = 'other'\ntitle = 'Another platform'\n");
    plan.desk = Desk::new(Arc::clone(&other), now());
    plan.act(Action::Open);
    assert!(plan.text().contains("Another platform"), "{}", plan.text());
}

#[test]
fn the_filter_of_the_plan_is_for_its_sections_and_in_a_text_for_that() {
    let mut plan = Sat::<Plan>::down();
    plan.filter("rebuild");
    let text = plan.text();
    assert!(text.contains("2 of ") && text.contains("rebuild-redis") && !text.contains("At a glance"), "{text}");
    assert!(plan.chosen().contains("rebuild-redis"), "{text}");
    plan.act(Action::Open);
    let text = plan.text();
    assert!(text.lines().count() > 8 && !text.contains("At a glance"), "the text itself is whole\n{text}");
    plan.act(Action::Back);
    plan.filter("lists");
    assert!(plan.text().contains("Components") && !plan.text().contains("rebuild"), "{}", plan.text());
    plan.filter("no-such-section");
    assert!(plan.text().contains("0 of "), "{}", plan.text());
    plan.filter("");
    plan.act(Action::First);
    plan.act(Action::Open);
    plan.filter("looked");
    assert!(!plan.text().contains("Promised"), "{}", plan.text());
}

#[test]
fn a_problem_out_of_view_is_told_of_by_name() {
    let mut overview = Sat::<Overview>::down();
    let last = overview.lines().pop().unwrap();
    assert!(last.contains(" more problem") && last.contains(" below: evil"), "{last}");
    overview.act(Action::Last);
    let text = overview.text();
    assert!(text.contains(" above: redis") && !text.contains("below: "), "{text}");
    let all = lines(&draw(&mut overview.screen, &overview.desk, 80, 60)).join("\n");
    assert!(!all.contains("more problem"), "{all}");
}

#[test]
fn what_grows_worse_is_in_view_until_somebody_moves_the_choice() {
    let mut overview = Sat::<Overview>::down();
    overview.desk = super::made_up::well();
    overview.act(Action::Problems);
    let before = overview.chosen();
    overview.desk = falling();
    assert!(overview.chosen().contains("redis") && !before.contains("redis"), "{}", overview.text());
    overview.act(Action::Last);
    let last = overview.chosen();
    overview.desk = desk();
    assert!(overview.chosen().contains(last.split_whitespace().nth(3).unwrap()), "{}", overview.text());
}

#[test]
fn what_is_out_of_view_is_counted_where_it_is_too_narrow_for_names() {
    let mut overview = Sat::<Overview>::down();
    let last = lines(&draw(&mut overview.screen, &overview.desk, 40, 12)).pop().unwrap();
    assert!(last.trim().ends_with(" more problems below"), "{last}");
}

#[test]
fn a_chosen_group_has_the_pointer_too() {
    let mut overview = Sat::<Overview>::down();
    overview.act(Action::First);
    assert!(overview.chosen().starts_with("›▾ 1 Critical"), "{}", overview.text());
}

#[test]
fn the_heads_of_the_columns_stay_while_a_filter_is_typed() {
    let mut overview = Sat::<Overview>::down();
    overview.filter("redis");
    let text = overview.text();
    assert!(text.contains("2 of 13 with \"redis\"") && text.contains("COMPONENT"), "{text}");
}

#[test]
fn why_comes_first_however_small_the_terminal() {
    let mut component = Sat::<Component>::down();
    component.screen.show(1);
    for (width, height) in [(40, 9), (80, 21), (120, 37), (200, 57)] {
        let lines = lines(&draw(&mut component.screen, &component.desk, width, height));
        let place = |words: &str| lines.iter().position(|line| line.contains(words)).unwrap_or(99);
        assert!(place("the server refused") < place("redis at primary"), "{}", lines.join("\n"));
        assert!(place("the server refused") <= 4, "{}", lines.join("\n"));
    }
}

#[test]
fn what_is_new_is_not_called_now_for_a_while() {
    let mut component = Sat::<Component>::down();
    component.screen.show(6);
    let text = component.text();
    assert!(text.contains("healthy, since ") && !text.contains("for now"), "{text}");
}

#[test]
fn a_trigger_that_waits_out_its_time_is_shown_at_the_usual_size() {
    let lines = lines(&draw(&mut Overview::default(), &falling(), 80, 24));
    assert!(lines.contains(&"  about to fire: redis-failure in 40s".to_owned()), "{}", lines.join("\n"));
    assert!(lines[0].starts_with("✖ 1 down: redis; 12 of 13 healthy"), "{}", lines[0]);
}
