use crate::plan::check::testing::{accepts, finds, only};

fn plan(platform: &str, rest: &str) -> String {
    format!("[platform]\nname='p'\n{platform}\n{rest}")
}

#[test]
fn minutes_that_an_availability_does_not_allow_are_found() {
    let said = |minutes: &str| plan(&format!("availability='99.95%'\ndowntime_per_year='{minutes}'"), "");
    finds("availability", &said("22min"), &["downtime_per_year='22min'", "availability='99.95%'"]);
    let message = only("availability", &said("22min")).message;
    assert_eq!(message, "99.95% allows 4h 23min of downtime a year, not 22min; 22min are a month's");
    accepts("availability", &said("4h 20min"));
    finds("availability", &plan("availability='99.99%'\nrto='2h'", ""), &["rto='2h'", "availability='99.99%'"]);
    accepts("availability", &plan("availability='99.95%'\nrto='2h'", ""));
}

#[test]
fn an_rto_beyond_its_class_is_found() {
    let plan = |rto: &str| {
        format!(
            "[[priority]]\nlevel=1\nname='critical'\nwithin='1h'\n[[component]]\nname='a'\nkind='host'\npriority=1\nrto='{rto}'"
        )
    };
    finds("priority-rto", &plan("2h"), &["rto='2h'", "priority=1", "within='1h'"]);
    accepts("priority-rto", &plan("1h"));
}

#[test]
fn a_component_that_is_back_before_what_it_needs_is_found() {
    let plan = |rto: &str| {
        format!(
            "[[component]]\nname='a'\nkind='host'\nrto='30min'\nneeds=['b']\n[[component]]\nname='b'\nkind='host'\nrto = '{rto}'"
        )
    };
    finds("needs-rto", &plan("1h"), &["rto='30min'", "'b'", "rto = '1h'"]);
    accepts("needs-rto", &plan("30min"));
}

#[test]
fn what_takes_longer_than_the_platform_is_found() {
    let scenario = |rto: &str| plan("rto = '4h'", &format!("[[scenario]]\nname='x'\nrto='{rto}'"));
    finds("platform-rto", &scenario("8h"), &["rto='8h'", "rto = '4h'"]);
    accepts("platform-rto", &scenario("4h"));
    let component = plan("rto = '4h'", "[[component]]\nname='a'\nkind='host'\nrto='5h'");
    let class = "\npriority=3\n[[priority]]\nlevel=3\nname='c'\nwithin='24h'";
    accepts("platform-rto", &format!("{component}{class}"));
    finds("platform-rto", &component, &["rto='5h'", "rto = '4h'"]);
}

#[test]
fn a_scenario_beyond_its_tier_is_found() {
    let plan = |rto: &str, rpo: &str| {
        format!(
            "[[tier]]\nlevel=1\nname='component'\nrto = '1h'\nloss='0s to 1h'\n[[scenario]]\nname='x'\ntier=1\nrto='{rto}'\nrpo='{rpo}'"
        )
    };
    finds("tier-rto", &plan("2h", "1h"), &["rto='2h'", "rto = '1h'"]);
    finds("tier-loss", &plan("1h", "2h"), &["rpo='2h'", "loss='0s to 1h'"]);
    accepts("tier-rto", &plan("1h", "1h"));
    accepts("tier-loss", &plan("1h", "1h"));
}

#[test]
fn no_data_loss_beside_an_rpo_is_found() {
    let scenario = |rest: &str| plan("rpo = '1h'", &format!("[[scenario]]\nname='x'\nno_data_loss=true\n{rest}"));
    finds("no-data-loss", &scenario("rpo='15min'"), &["no_data_loss=true", "rpo='15min'"]);
    finds("no-data-loss", &scenario(""), &["no_data_loss=true", "rpo = '1h'"]);
    accepts("no-data-loss", &scenario("rpo='real-time'"));
}

#[test]
fn a_kpi_that_aims_elsewhere_is_found() {
    let kpi =
        |target: &str| plan("rto = '2h'", &format!("[[kpi]]\nname='recovery-time'\nmeasures='rto'\ntarget='{target}'"));
    finds("kpi-promise", &kpi("<= 4h"), &["target='<= 4h'", "rto = '2h'"]);
    accepts("kpi-promise", &kpi("<= 2h"));
}
