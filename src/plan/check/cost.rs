//! Sums that do not add up.

use std::time::Duration;

use super::Rule;
use super::examined::Examined;
use super::places::{Listed, entries};
use super::words::money;
use crate::plan::Finding;
use crate::plan::source::{Origin, Path};
use crate::plan::types::{Cost, CostGroup, CostLine, Percent};
use crate::text::Span;

pub const RULES: &[Rule] = &[tables, programme, incident, downtime, storage, break_even, payback];

/// Prices of storage are small and rounded.
const TOLERANCE: f64 = 0.1;
const GIGABYTE: f64 = 1e9;

impl Listed for CostGroup {
    const LIST: &'static str = "programme";

    fn identity(&self) -> (&'static str, std::borrow::Cow<'_, str>) {
        ("name", std::borrow::Cow::Borrowed(&self.name))
    }
}

fn cost<'a>(examined: &Examined<'a>) -> Option<(&'a Cost, Path)> {
    Some((examined.plan.cost.as_ref()?, Path::root().to("cost")))
}

fn currency<'a>(examined: &Examined<'a>) -> Option<&'a str> {
    examined.plan.platform.currency.as_deref()
}

/// The lines of each table against the sum that is written beside them.
fn tables(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let mut look = |lines: &[CostLine], stated: u64, place: Origin, of: &str| {
        let sum: u128 = lines.iter().map(|line| u128::from(line.amount)).sum();
        if !lines.is_empty() && sum != u128::from(stated) {
            findings.push(wrong_sum(examined, of, sum, stated, place));
        }
    };
    if let Some(table) = &cost.downtime {
        look(&table.line, table.per_hour, examined.at(&path.to("downtime").to("per_hour")), "an hour of outage");
    }
    if let Some(table) = &cost.data_loss {
        look(&table.line, table.per_hour, examined.at(&path.to("data_loss").to("per_hour")), "an hour of lost data");
    }
    for group in entries(&cost.programme) {
        let place = group.within(examined.tree, &path).to("total");
        look(&group.item.line, group.item.total, examined.at(&place), &group.item.name);
    }
}

fn wrong_sum(examined: &Examined<'_>, of: &str, sum: u128, stated: u64, place: Origin) -> Finding {
    let (sum, stated) = (money(sum, currency(examined)), money(u128::from(stated), currency(examined)));
    Finding::warning("cost-total", format!("{of} is stated as {stated}, and its parts make {sum}"))
        .at(place, format!("its parts make {sum}"))
        .because("the cost shown while an outage lasts is what decides how much a recovery may cost, and one of the two is wrong")
        .mend(format!("write {sum}, or correct the part that is wrong"))
}

/// The groups of the programme against its total.
fn programme(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let Some(total) = cost.programme_total else { return };
    let sum: u128 = cost.programme.iter().map(|group| u128::from(group.total)).sum();
    if !cost.programme.is_empty() && sum != u128::from(total) {
        findings.push(wrong_sum(examined, "the programme", sum, total, examined.at(&path.to("programme_total"))));
    }
}

/// The example of an incident against what its hours cost.
fn incident(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let (Some(incident), Some(downtime), Some(loss)) = (&cost.incident, &cost.downtime, &cost.data_loss) else {
        return;
    };
    let hours = |span: Span, per_hour: u64| u128::from(span.approx_millis()) * u128::from(per_hour) / 3_600_000;
    let sum = hours(incident.outage, downtime.per_hour) + hours(incident.loss, loss.per_hour);
    if sum == u128::from(incident.total) {
        return;
    }
    let of = format!("an incident with {} of outage and {} of lost data", incident.outage, incident.loss);
    findings.push(wrong_sum(examined, &of, sum, incident.total, examined.at(&path.to("incident").to("total"))));
}

/// What an hour costs by the table, against what the platform says that it costs at least.
fn downtime(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let (Some(table), Some(stated)) = (&cost.downtime, examined.plan.platform.downtime_cost_per_hour) else { return };
    if table.per_hour == stated {
        return;
    }
    let say = |amount: u64| money(u128::from(amount), currency(examined));
    findings.push(
        Finding::warning(
            "downtime-cost",
            format!("an hour of outage costs {} here and {} there", say(stated), say(table.per_hour)),
        )
        .at(examined.at(&Path::root().to("platform").to("downtime_cost_per_hour")), say(stated))
        .at(examined.at(&path.to("downtime").to("per_hour")), say(table.per_hour))
        .because("two people in one incident name two costs, and the one who decides trusts neither")
        .mend("write the figure that finance agrees to in both places"),
    );
}

/// Price times size against the monthly cost.
fn storage(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    for (index, price) in cost.storage.iter().enumerate() {
        let (Some(size), Some(stated)) = (price.size, price.per_month) else { continue };
        // A size beyond 2^53 bytes is rounded, which no price would notice.
        #[allow(clippy::cast_precision_loss)]
        let adds = size.0 as f64 / GIGABYTE * price.per_gb;
        if (adds - stated).abs() <= TOLERANCE * stated.abs().max(adds) {
            continue;
        }
        let entry = path.to("storage").to(index);
        findings.push(
            Finding::warning("storage-cost", format!("{size} in {} cost {adds:.2} a month, not {stated:.2}", price.store))
                .at(examined.at(&entry.to("per_month")), format!("{adds:.2} in truth"))
                .at(examined.at(&entry.to("size")), "for this much")
                .at(examined.at(&entry.to("per_gb")), "at this price")
                .because("what keeping copies costs is what retention is decided by; with a wrong figure it is cut or kept for the wrong reason")
                .mend(format!("write {adds:.2}, or correct the price or the size")),
        );
    }
}

/// A share in thousandths of a percent, so that sums of money stay whole.
fn thousandths(share: Percent) -> u128 {
    Duration::from_secs(1).mul_f64(share.0.clamp(0.0, 100.0)).as_millis()
}

/// What comes of `amount` in a mean year.
fn expected(amount: u64, probability: Percent) -> u128 {
    u128::from(amount) * thousandths(probability) / 100_000
}

/// After how long the programme has paid for itself, against what the plan says.
fn break_even(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let (Some(stated), Some(programme), Some(incident)) = (cost.break_even, cost.programme_total, &cost.incident)
    else {
        return;
    };
    let (Some(probability), Some(with_recovery)) = (incident.probability, incident.with_recovery) else { return };
    let saved = expected(incident.total.saturating_sub(with_recovery), probability);
    if saved == 0 || u128::from(programme) <= saved {
        return;
    }
    findings.push(
        Finding::warning(
            "break-even",
            format!(
                "the programme costs {} a year and saves {} in a mean year, so it has not paid for itself after {stated}",
                money(u128::from(programme), currency(examined)),
                money(saved, currency(examined)),
            ),
        )
        .at(examined.at(&path.to("break_even")), "does not follow")
        .at(examined.at(&path.to("incident").to("probability")), "from this")
        .because("whoever checks the sum before the next budget takes readiness away, although its worth lies elsewhere")
        .mend("state what else it is worth (penalties, trust, compliance), or take the figure out"),
    );
}

/// The sums of the reckoning over several years.
fn payback(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some((cost, path)) = cost(examined) else { return };
    let (Some(payback), Some(incident)) = (&cost.payback, &cost.incident) else { return };
    let path = path.to("payback");
    let years = payback.over.map(|over| u128::from(over.approx_millis() / Span::from_months(12).approx_millis()));
    let saved_once = incident.with_recovery.map(|with| u128::from(incident.total.saturating_sub(with)));
    let likely = |amount: Option<u64>| Some(expected(amount?, incident.probability?));
    let sums = [
        ("expected_without", "what incidents cost a year", payback.expected_without, likely(Some(incident.total))),
        (
            "expected_with",
            "what incidents cost a year with a recovery",
            payback.expected_with,
            likely(incident.with_recovery),
        ),
        ("saved_per_incident", "what one incident saves", payback.saved_per_incident, saved_once),
        (
            "saved",
            "what all incidents save",
            payback.saved,
            saved_once.zip(payback.incidents).map(|(saved, incidents)| saved * u128::from(incidents)),
        ),
        (
            "programme",
            "what the programme costs in that time",
            payback.programme,
            cost.programme_total.zip(years).map(|(total, years)| u128::from(total) * years),
        ),
    ];
    for (key, of, stated, sum) in sums {
        let Some((stated, sum)) = stated.zip(sum).filter(|(stated, sum)| u128::from(*stated) != *sum) else { continue };
        findings.push(wrong_sum(examined, of, sum, stated, examined.at(&path.to(key))));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    #[test]
    fn lines_that_do_not_add_up_are_found() {
        let plan = |total: u32| {
            format!("[cost.downtime]\nper_hour={total}\nline=[{{name='a', amount=30000}}, {{name='b', amount=15000}}]")
        };
        finds("cost-total", &plan(50000), &["per_hour=50000"]);
        assert!(only("cost-total", &plan(50000)).message.contains("50,000, and its parts make 45,000"));
        accepts("cost-total", &plan(45000));
        accepts("cost-total", "[cost.downtime]\nper_hour=1");
        finds("cost-total", "[cost.data_loss]\nper_hour=2\nline=[{name='a', amount=1}]", &["per_hour=2"]);
        finds("cost-total", "[[cost.programme]]\nname='g'\ntotal=2\nline=[{name='a', amount=1}]", &["total=2"]);
        finds("cost-total", "[cost]\nprogramme_total=3\n[[cost.programme]]\nname='g'\ntotal=2", &["programme_total=3"]);
    }

    #[test]
    fn an_incident_that_costs_something_else_is_found() {
        let plan = |total: u32| {
            format!(
                "[cost.downtime]\nper_hour=45000\n[cost.data_loss]\nper_hour=33000\n[cost.incident]\noutage='2h'\nloss='1h'\ntotal={total}"
            )
        };
        finds("cost-total", &plan(120_000), &["total=120000"]);
        accepts("cost-total", &plan(123_000));
    }

    #[test]
    fn two_costs_of_an_hour_are_found() {
        let plan = |stated: u32| {
            format!("[platform]\nname='p'\ndowntime_cost_per_hour={stated}\n[cost.downtime]\nper_hour=45000")
        };
        finds("downtime-cost", &plan(50000), &["downtime_cost_per_hour=50000", "per_hour=45000"]);
        accepts("downtime-cost", &plan(45000));
    }

    #[test]
    fn a_monthly_cost_that_does_not_follow_is_found() {
        let plan = |month: &str| {
            format!(
                "[[store]]\nname='s'\nkind='s3'\n[[cost.storage]]\nstore='s'\nper_gb=0.004\nsize='600GB'\nper_month={month}"
            )
        };
        finds("storage-cost", &plan("25.0"), &["per_month=25.0", "size='600GB'", "per_gb=0.004"]);
        accepts("storage-cost", &plan("2.5"));
    }

    #[test]
    fn a_reckoning_that_does_not_add_up_is_found() {
        let plan = |key: &str, sum: u32| {
            format!(
                "[cost]\nprogramme_total=42500\n[cost.incident]\noutage='2h'\nloss='1h'\ntotal=123000\nwith_recovery=40000\nprobability='15%'\n\
                 [cost.payback]\nover='13y'\nincidents=2\n{key}={sum}"
            )
        };
        for (key, right) in [
            ("expected_without", 18450),
            ("expected_with", 6000),
            ("saved_per_incident", 83000),
            ("saved", 166_000),
            ("programme", 552_500),
        ] {
            accepts("cost-total", &plan(key, right));
            finds("cost-total", &plan(key, 7), &[&format!("{key}=7")]);
        }
    }

    #[test]
    fn a_break_even_that_never_comes_is_found() {
        let plan = |probability: &str| {
            format!(
                "[cost]\nprogramme_total=42500\nbreak_even='6 months'\n[cost.incident]\noutage='2h'\nloss='1h'\ntotal=123000\nwith_recovery=40000\nprobability='{probability}'"
            )
        };
        finds("break-even", &plan("15%"), &["break_even='6 months'", "probability='15%'"]);
        assert!(only("break-even", &plan("15%")).message.contains("saves 12,450 in a mean year"));
        accepts("break-even", &plan("100%"));
    }
}
