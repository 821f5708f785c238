use super::*;
use crate::plan::check::testing::now;

fn plan(rest: &str) -> Plan {
    toml::from_str(&format!("[platform]\nname='p'\n{rest}")).unwrap()
}

fn worst(rest: &str) -> Result<String, Useless> {
    let plan = plan(rest);
    Exposures::new(&plan, now()).of(&plan.data[0], &plan.data[0].protected_by[0]).map(|e| e.worst.to_string())
}

const STORES: &str = "[[store]]\nname='near'\nkind='directory'\n[[store]]\nname='far'\nkind='s3'\n";

fn with_job(data: &str, job: &str) -> String {
    format!("{STORES}[[data]]\nname='d'\nprotected_by=['j']\n{data}\n[[job]]\nname='j'\ndo='backup'\n{job}")
}

#[test]
fn interval_duration_and_upload_add_up() {
    let job = "every='1h'\nto=['near', 'far']\nexpect={duration='3min to 5min', upload='10min'}";
    assert_eq!(worst(&with_job("", job)).unwrap(), "1h 5min", "the near copy counts too");
    assert_eq!(worst(&with_job("counts_in='far'", job)).unwrap(), "1h 15min");
    assert_eq!(worst(&with_job("counts_in='near'", job)).unwrap(), "1h 5min");
}

#[test]
fn continuous_work_loses_its_lag_and_its_way() {
    let job = "continuous=true\nlag='1s'\nto=['near', 'far']\nexpect={upload='30s'}";
    assert_eq!(worst(&with_job("", job)).unwrap(), "1s");
    assert_eq!(worst(&with_job("counts_in='far'", job)).unwrap(), "31s");
}

#[test]
fn an_upload_adds_its_interval_and_the_age_of_what_it_takes() {
    let plan = |at: &str| {
        format!(
            "{}\n[[job]]\nname='u'\ndo='upload'\ntakes=['j']\ncron='0 {at} * * *'\nto=['far']\nexpect={{duration='20min'}}",
            with_job("counts_in='far'", "cron='0 2 * * *'\nto=['near']\nexpect={duration='30min'}")
        )
    };
    assert_eq!(worst(&plan("4")).unwrap(), "26h 20min", "from 02:00 to 04:20 a day later");
    assert_eq!(worst(&plan("1")).unwrap(), "47h 20min", "what is a day old is uploaded");
}

#[test]
fn an_upload_may_be_named_as_the_protection_itself() {
    let plan = format!(
        "{STORES}[[data]]\nname='d'\nprotected_by=['u']\ncounts_in='far'\n\
         [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['near']\nexpect={{duration='5min'}}\n\
         [[job]]\nname='u'\ndo='upload'\ntakes=['j']\nevery='1h'\nto=['far']\nexpect={{duration='1min'}}"
    );
    assert_eq!(worst(&plan).unwrap(), "2h 6min", "no clock says how they meet");
}

#[test]
fn what_does_not_reach_the_store_that_counts_does_not_count() {
    assert_eq!(worst(&with_job("counts_in='far'", "every='1h'\nto=['near']")), Err(Useless::NotInStore));
    let verify = "[[data]]\nname='d'\nprotected_by=['v']\n[[job]]\nname='v'\ndo='verify'\nevery='1h'";
    assert_eq!(worst(verify), Err(Useless::TakesNothing));
}

#[test]
fn wal_needs_a_base_that_is_none_of_the_dumps() {
    let alone = |rest: &str| {
        let plan = plan(&format!("[[job]]\nname='wal'\ndo='backup'\nof='db'\nmethod='wal'\ncontinuous=true\n{rest}"));
        Exposures::new(&plan, now()).stands_alone("wal", None)
    };
    let other = |method: &str| format!("[[job]]\nname='b'\ndo='backup'\nof='db'\nmethod='{method}'\ncron='0 2 * * *'");
    assert_eq!(alone(""), Err(Useless::NoBase));
    assert_eq!(alone(&other("base")), Ok(()));
    assert_eq!(alone(&other("dump")), Err(Useless::NoBase));
    assert_eq!(alone(&format!("base='b'\n{}", other("dump"))), Err(Useless::BaseIsDump));
    assert_eq!(alone(&format!("base='b'\n{}", other("base"))), Ok(()));
}

#[test]
fn wal_counts_only_where_its_base_is_too() {
    let alone = |base_to: &str, uploads: &str| {
        let plan = plan(&format!(
            "{STORES}[[job]]\nname='wal'\ndo='backup'\nof='db'\nmethod='wal'\ncontinuous=true\nto=['near', 'far']\n\
             [[job]]\nname='b'\ndo='backup'\nof='db'\nmethod='base'\ncron='0 2 * * *'\nto=['{base_to}']\n{uploads}"
        ));
        Exposures::new(&plan, now()).stands_alone("wal", Some("far"))
    };
    assert_eq!(alone("far", ""), Ok(()));
    assert_eq!(alone("near", ""), Err(Useless::BaseElsewhere));
    assert_eq!(alone("near", "[[job]]\nname='u'\ndo='upload'\ntakes=['b']\nevery='1h'\nto=['far']"), Ok(()));
}

#[test]
fn continuous_work_of_unknown_lag_promises_nothing() {
    let plan = plan(&with_job("", "continuous=true\nto=['near']"));
    let exposure = Exposures::new(&plan, now()).of(&plan.data[0], "j").unwrap();
    assert!(exposure.misses(Span::ZERO) && !exposure.misses(Span::from_secs(1)));
}
