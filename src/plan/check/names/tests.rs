use crate::plan::check::testing::{accepts, findings, finds, only};

const RULE: &str = "dangling-name";

/// One dangling name in every place that takes one, and what must be underlined for it.
const WRONG: [(&str, &str); 34] = [
    ("[[component]]\nname='a'\nkind='host'\nsite='x'", "site='x'"),
    ("[[component]]\nname='a'\nkind='host'\nneeds=['a', 'x']", "'x'"),
    ("[[component]]\nname='a'\nkind='host'\npriority=9\n[[priority]]\nlevel=1\nname='c'\nwithin='1h'", "priority=9"),
    ("[[component]]\nname='a'\nkind='postgres'\npostgres={standbys=['x']}", "'x'"),
    ("[[component]]\nname='a'\nkind='redis'\nredis={replicas=['x']}", "'x'"),
    ("[[component]]\nname='a'\nkind='load-balancer'\nbalancer={hosts=['x']}", "'x'"),
    ("[[component]]\nname='a'\nkind='dns-name'\ndns={points_to={x='1.2.3.4'}}", "x='1.2.3.4'"),
    ("[[data]]\nname='d'\ncomponent='x'", "component='x'"),
    ("[[data]]\nname='d'\nprotected_by=['x']", "'x'"),
    ("[[data]]\nname='d'\ncounts_in='x'", "counts_in='x'"),
    ("[[data]]\nname='d'\nretention={x='7d'}", "x='7d'"),
    ("[[store]]\nname='s'\nkind='directory'\nsite='x'", "site='x'"),
    ("[[job]]\nname='j'\ndo='backup'\non_change=true\nof='x'", "of='x'"),
    ("[[job]]\nname='j'\ndo='upload'\non_change=true\ntakes=['x']", "'x'"),
    ("[[job]]\nname='j'\ndo='upload'\non_change=true\nto=['x']", "'x'"),
    ("[[job]]\nname='j'\ndo='backup'\non_change=true\nbase='x'", "base='x'"),
    ("[[job]]\nname='j'\ndo='drill'\non_change=true\nscenario='x'", "scenario='x'"),
    ("[[job]]\nname='j'\ndo='drill'\non_change=true\ntell=['x']", "'x'"),
    ("[[scenario]]\nname='s'\nof=['x']", "'x'"),
    ("[[scenario]]\nname='s'\nprocedure='x'", "procedure='x'"),
    ("[[scenario]]\nname='s'\ntier=3", "tier=3"),
    ("[[scenario]]\nname='s'\ntriggers=['manual', 'x.verdict == down']", "'x.verdict == down'"),
    ("[[scenario]]\nname='s'\ntriggers=['manual by x']", "'manual by x'"),
    ("[[scenario]]\nname='s'\ntriggers=['all of app-*.verdict == down']", "'all of app-*.verdict == down'"),
    ("[[procedure]]\nname='p'\nrestores=['x']", "'x'"),
    ("[[procedure]]\nname='p'\nneeds=['x']", "'x'"),
    ("[[procedure]]\nname='p'\nsite='x'", "site='x'"),
    ("[[procedure]]\nname='p'\napproved_by='x'", "approved_by='x'"),
    ("[[procedure]]\nname='p'\nchecklist='x'", "checklist='x'"),
    ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nneeds=['x']", "'x'"),
    (
        "[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nproof='x.verdict == healthy'",
        "proof='x.verdict == healthy'",
    ),
    ("[[decision]]\nname='d'\nask='?'\nthen={yes='x'}", "yes='x'"),
    ("[[decision]]\nname='d'\nask='?'\nanswer='x.verdict'", "answer='x.verdict'"),
    ("[[cost.storage]]\nstore='x'\nper_gb=0.1", "store='x'"),
];

/// The same for names in steps, people and messages.
const WRONG_TOO: [(&str, &str); 10] = [
    ("[[message]]\nname='m'\nto=['x']", "'x'"),
    ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nof='x'", "of='x'"),
    ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nfrom='x'", "from='x'"),
    ("[[procedure]]\nname='p'\n[[procedure.step]]\nname='s'\nby='x'", "by='x'"),
    ("[[rota]]\nrole='x'\npeople=[]", "role='x'"),
    ("[[role]]\nname='r'\n[[rota]]\nrole='r'\npeople=['x']", "'x'"),
    ("[[escalation]]\nlevel=1\nfrom='0s'\nwho=['x']", "'x'"),
    ("[certification]\nof=['x']\nrequires=[]", "'x'"),
    ("[[message]]\nname='m'\nvia=['x']", "'x'"),
    ("[[checklist]]\nname='c'\nitem=[{text='t', check='x.verdict == healthy'}]", "check='x.verdict == healthy'"),
];

#[test]
fn a_name_that_names_nothing_is_found_wherever_it_stands() {
    for (plan, place) in WRONG.iter().chain(&WRONG_TOO) {
        finds(RULE, plan, &[place]);
    }
}

#[test]
fn names_that_exist_are_accepted() {
    accepts(
        RULE,
        "[[site]]\nname='s'\n[[role]]\nname='r'\n[[store]]\nname='local'\nkind='directory'\nsite='s'\n\
         [[component]]\nname='app-1'\nkind='host'\nsite='s'\nneeds=['app-1']\npriority=1\n\
         [[job]]\nname='j'\ndo='backup'\nof='app-1'\nevery='1h'\nto=['local']\n\
         [[data]]\nname='d'\ncomponent='app-1'\nprotected_by=['j']\ncounts_in='local'\nretention={local='7d'}\n\
         [[procedure]]\nname='p'\nneeds=['local']\n[[procedure.step]]\nname='x'\nof='app-1'\nfrom='j'\nby='r'\n\
         [[scenario]]\nname='x'\nof=['d']\nprocedure='p'\n\
         triggers=['any of app-*.verdict == down', 'manual by r', 's.verdict == down', 'd.loss > 10%']\n\
         [[decision]]\nname='q'\nask='?'\nthen={yes='p', no='q'}\n\
         [[audience]]\nname='customers'\n\
         [[message]]\nname='m'\nto=['r', 'customers']\n[[approval]]\nrole='vp'",
    );
}

#[test]
fn the_nearest_name_is_offered() {
    let near = only(RULE, "[[site]]\nname='primary'\n[[component]]\nname='a'\nkind='host'\nsite='primry'");
    assert_eq!(near.mend, "did you mean \"primary\"?");
    let far = only(RULE, "[[site]]\nname='primary'\n[[component]]\nname='a'\nkind='host'\nsite='moon'");
    assert!(far.mend.contains("primary"), "{}", far.mend);
}

#[test]
fn an_approval_may_be_asked_of_others_than_roles_but_not_of_misspelt_ones() {
    let plan = |role: &str| format!("[[role]]\nname='commander'\n[[approval]]\nrole='{role}'");
    finds(RULE, &plan("comander"), &["role='comander'"]);
    accepts(RULE, &plan("board"));
}

#[test]
fn what_could_not_be_read_still_exists_and_is_still_found_in_its_place() {
    let plan = "[[component]]\nname='a'\n[[component]]\nname='b'\nkind='host'\nneeds=['a', 'x']";
    finds(RULE, plan, &["'x'"]);
    assert!(findings(plan).0.iter().any(|finding| finding.rule == "missing-key"), "a has no kind");
}
