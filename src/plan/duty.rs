//! Whom to call: who is on duty by the rotas, and whom an escalation means.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::types::{Person, Plan, Rota};
use super::zone_of;
use crate::text::instant::in_zone;
use crate::text::{Span, Zone};

/// Whoever is to be called for a role.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The role, or the person where an escalation names one.
    pub role: &'a str,
    /// The people, in the order in which they are called; empty where nobody is named.
    pub people: Vec<&'a Person>,
    /// Until when that order holds, where people take turns.
    pub until: Option<DateTime<Utc>>,
}

/// Whom to call first now: the first level of the escalation, else every rota, else everybody.
pub fn first_calls(plan: &Plan, now: DateTime<Utc>) -> Vec<Call<'_>> {
    let first = plan.escalation.iter().min_by_key(|escalation| (escalation.from, escalation.level));
    let by_level = first.iter().flat_map(|first| &first.who).map(|who| call(plan, who, now));
    let mut calls: Vec<Call<'_>> = by_level.filter(|call| !call.people.is_empty()).collect();
    if calls.is_empty() {
        let rotas = plan.rota.iter().map(|rota| call(plan, &rota.role, now));
        calls.extend(rotas.filter(|call| !call.people.is_empty()));
    }
    if calls.is_empty() {
        calls.extend(plan.person.iter().map(|person| Call { role: "", people: vec![person], until: None }));
    }
    calls
}

/// Whoever is to be called where a role or a person is named.
pub fn call<'a>(plan: &'a Plan, who: &'a str, now: DateTime<Utc>) -> Call<'a> {
    let find = |name: &str| plan.person.iter().find(|person| person.name == name);
    let Some(rota) = plan.rota.iter().find(|rota| rota.role == who) else {
        return Call { role: who, people: find(who).into_iter().collect(), until: None };
    };
    let (first, until) = turn(rota, zone_of(&plan.platform), now);
    let order = rota.people.iter().cycle().skip(first).take(rota.people.len());
    Call { role: who, people: order.filter_map(|name| find(name)).collect(), until }
}

/// Whose turn it is, by the place in the rota, and when it ends.
fn turn(rota: &Rota, zone: Zone, now: DateTime<Utc>) -> (usize, Option<DateTime<Utc>>) {
    let count = i64::try_from(rota.people.len()).unwrap_or(0);
    let Some(turn) = rota.turn.filter(|turn| !turn.is_zero() && count > 0) else { return (0, None) };
    let Some((number, end)) = numbered(turn, now.with_timezone(&zone).naive_local()) else { return (0, None) };
    let place = usize::try_from(number.rem_euclid(count)).unwrap_or(0);
    // Where the clocks skip that moment or show it twice, an hour makes no difference to who is called.
    let until = in_zone(end, zone).or_else(|_| in_zone(end + TimeDelta::hours(1), zone)).ok();
    (place, until)
}

/// The number of the turn at a moment on the wall, and where the next one begins.
fn numbered(turn: Span, now: NaiveDateTime) -> Option<(i64, NaiveDateTime)> {
    if let Some(months) = turn.whole_months() {
        let month = i64::from(now.year() - 1970) * 12 + i64::from(now.month0());
        let number = month.div_euclid(i64::from(months));
        let next = (number + 1) * i64::from(months);
        let year = 1970 + i32::try_from(next.div_euclid(12)).ok()?;
        let month = u32::try_from(next.rem_euclid(12)).ok()? + 1;
        return Some((number, NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?));
    }
    let monday = NaiveDate::from_ymd_opt(1970, 1, 5)?.and_hms_opt(0, 0, 0)?;
    let turn = i64::try_from(turn.approx_millis()).ok()?;
    let number = (now - monday).num_milliseconds().div_euclid(turn);
    let end = monday.checked_add_signed(TimeDelta::try_milliseconds((number + 1).checked_mul(turn)?)?)?;
    Some((number, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(rest: &str) -> Plan {
        toml::from_str(&format!(
            "[platform]\nname = 'p'\ntime_zone = 'Europe/Berlin'\n\
             [[person]]\nname = 'anna'\n[[person]]\nname = 'bert'\n[[person]]\nname = 'carla'\n{rest}"
        ))
        .unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn names(call: &Call<'_>) -> Vec<String> {
        call.people.iter().map(|person| person.name.clone()).collect()
    }

    #[test]
    fn weeks_begin_on_mondays_of_the_platform() {
        let plan = plan("[[rota]]\nrole = 'ops'\npeople = ['anna', 'bert']\nturn = '7d'\n");
        let before = call(&plan, "ops", at("2023-11-12T22:59:59Z"));
        let after = call(&plan, "ops", at("2023-11-12T23:00:00Z"));
        assert_eq!(before.until, Some(at("2023-11-12T23:00:00Z")));
        assert_eq!(after.until, Some(at("2023-11-19T23:00:00Z")));
        assert_eq!((names(&before).len(), names(&before)[0] == names(&after)[0]), (2, false));
        assert_eq!(names(&before)[0], names(&after)[1]);
        assert_eq!(names(&call(&plan, "ops", at("2023-11-19T23:00:00Z"))), names(&before));
    }

    #[test]
    fn a_turn_may_end_in_a_night_when_the_clocks_change() {
        let plan = plan("[[rota]]\nrole = 'ops'\npeople = ['anna', 'bert']\nturn = '30min'\n");
        let call = call(&plan, "ops", at("2024-03-31T00:45:00Z"));
        assert!(call.until.is_some_and(|until| until > at("2024-03-31T00:45:00Z")), "{call:?}");
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let plan = plan("[[rota]]\nrole = 'ops'\npeople = ['anna', 'bert', 'carla']\nturn = '1 month'\n");
        assert_eq!(call(&plan, "ops", at("2023-11-15T00:00:00Z")).until, Some(at("2023-11-30T23:00:00Z")));
        assert_eq!(call(&plan, "ops", at("2023-12-15T00:00:00Z")).until, Some(at("2023-12-31T23:00:00Z")));
    }

    #[test]
    fn whoever_takes_no_turns_is_called_in_the_order_of_the_plan() {
        let rest = "[[rota]]\nrole = 'ops'\npeople = ['carla', 'anna']\n[[escalation]]\nlevel = 2\nfrom = '15min'\n\
                    who = ['bert']\n[[escalation]]\nlevel = 1\nfrom = '0s'\nwho = ['ops', 'nobody']\n";
        let plan = plan(rest);
        let calls = first_calls(&plan, at("2023-11-15T00:00:00Z"));
        assert_eq!((calls.len(), calls[0].until), (1, None));
        assert_eq!(names(&calls[0]), ["carla", "anna"]);
        assert_eq!(names(&call(&plan, "bert", at("2023-11-15T00:00:00Z"))), ["bert"]);
    }

    #[test]
    fn without_rotas_everybody_is_to_be_called() {
        let calls = plan("[[escalation]]\nlevel = 1\nfrom = '0s'\nwho = ['nobody']\n");
        assert_eq!(first_calls(&calls, at("2023-11-15T00:00:00Z")).len(), 3);
    }
}
