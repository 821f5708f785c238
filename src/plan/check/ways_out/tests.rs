use crate::plan::check::testing::{accepts, finds, only};

const RULE: &str = "scenario-rpo";

/// A database whose WAL is young and whose dump is a day old, and a scenario with its way out.
fn plan(scenario: &str, procedure: &str) -> String {
    format!(
        "[[site]]\nname='home'\n[[site]]\nname='away'\n\
         [[store]]\nname='near'\nkind='directory'\nsite='home'\n[[store]]\nname='far'\nkind='s3'\nsite='away'\n\
         [[component]]\nname='db'\nkind='postgres'\nsite='home'\n[[component]]\nname='db-away'\nkind='postgres'\nsite='away'\n\
         [[data]]\nname='d'\ncomponent='db'\nrpo='1h'\nprotected_by=['wal', 'base', 'dump']\n\
         [[job]]\nname='wal'\ndo='backup'\nof='db'\nmethod='wal'\ncontinuous=true\nlag='5min'\nto=['near']\n\
         [[job]]\nname='base'\ndo='backup'\nof='db'\nmethod='base'\nevery='24h'\nto=['near', 'far']\n\
         [[job]]\nname='dump'\ndo='backup'\nof='db'\nmethod='dump'\nevery = '24h'\nto=['near', 'far']\n\
         [[scenario]]\nname='s'\nprocedure='p'\n{scenario}\n[[procedure]]\nname='p'\n{procedure}\n"
    )
}

fn step(action: &str, rest: &str) -> String {
    format!("[[procedure.step]]\nname='r'\ndo='{action}'\n{rest}")
}

#[test]
fn a_way_out_that_says_it_loses_more_is_found() {
    let plan = |loss: &str| plan("of=['db']\nrpo = '7d'", &format!("loss='{loss}'"));
    finds("procedure-loss", &plan("1 month"), &["loss='1 month'", "rpo = '7d'"]);
    accepts("procedure-loss", &plan("7d"));
    let told_by_its_copy =
        plan("1 month").replace("rpo = '7d'", "rpo = '2h'") + &step("restore", "of='db'\nfrom='dump'");
    accepts("procedure-loss", &told_by_its_copy);
    finds(RULE, &told_by_its_copy, &["rpo = '2h'", "from='dump'", "every = '24h'"]);
}

#[test]
fn the_copy_that_a_step_names_counts_and_not_the_best() {
    let from = |from: &str, purpose: &str| {
        plan(
            "of=['db']\nrpo = '1h'",
            &format!("purpose='{purpose}'\n{}", step("restore", &format!("of='db'\nfrom='{from}'"))),
        )
    };
    finds(RULE, &from("dump", "restore"), &["rpo = '1h'", "from='dump'", "every = '24h'"]);
    let message = only(RULE, &from("dump", "restore")).message;
    assert_eq!(message, "s allows 1h of d to be lost, and p goes back to dump, which may lose more than 24h");
    finds(RULE, &from("dump", "contain"), &["rpo = '1h'", "from='dump'", "every = '24h'"]);
    accepts(RULE, &from("wal", "restore"));
    accepts(RULE, &from("near", "restore"));
    finds(RULE, &from("far", "restore"), &["rpo = '1h'", "from='far'", "every='24h'"]);
}

#[test]
fn a_log_that_is_replayed_makes_up_for_an_old_copy() {
    let steps =
        step("restore", "of='db'\nfrom='base'\n") + &step("replay", "of='db'\nfrom='wal'").replace("'r'", "'l'");
    accepts(RULE, &plan("of=['db']\nrpo='1h'", &steps));
}

#[test]
fn a_repair_from_the_log_of_a_server_that_lives_loses_nothing() {
    let from = |from: &str| {
        plan(
            "of=['db']\nrpo = '0s'",
            &format!("purpose='repair'\n{}", step("restore", &format!("of='db'\nfrom='{from}'"))),
        )
    };
    accepts(RULE, &from("wal"));
    finds(RULE, &from("dump"), &["rpo = '0s'", "from='dump'", "every = '24h'"]);
}

#[test]
fn a_lost_site_strikes_all_that_runs_there_and_takes_its_stores() {
    let fail_over = |from: &str| {
        let step = step("restore", &format!("of='db-away'\nfrom='{from}'"));
        plan("of=['home']\nrpo = '2h'", &format!("purpose='failover'\nsite='away'\n{step}"))
    };
    finds(RULE, &fail_over("dump"), &["rpo = '2h'", "from='dump'", "every = '24h'"]);
    finds(RULE, &fail_over("far"), &["rpo = '2h'", "from='far'", "every='24h'"]);
    accepts(RULE, &fail_over("dump").replace("every = '24h'\nto=['near', 'far']", "every = '1h'\nto=['far']"));
    // The WAL lies at the lost site only; that is another rule's word.
    accepts(RULE, &fail_over("wal"));
}

#[test]
fn without_named_copies_the_best_counts_and_only_where_one_is_gone_back_to() {
    let scenario =
        |rpo: &str, purpose: &str| plan(&format!("of=['db']\nrpo = '{rpo}'"), &format!("purpose='{purpose}'"));
    finds(RULE, &scenario("1min", "restore"), &["rpo = '1min'", "lag='5min'"]);
    accepts(RULE, &scenario("1min", "repair"));
    accepts(RULE, &scenario("1min", "failover"));
    accepts(RULE, &scenario("5min", "restore"));
}

#[test]
fn what_the_data_promise_themselves_is_told_once() {
    let late = plan("of=['db']\nrpo='1h'", &step("restore", "of='db'\nfrom='far'"))
        .replace("protected_by=['wal', 'base', 'dump']", "protected_by=['dump']\ncounts_in='far'");
    accepts(RULE, &late);
    finds("rpo", &late, &["rpo='1h'", "every = '24h'"]);
}
