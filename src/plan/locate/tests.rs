use super::*;

fn around(variables: &[(&str, &str)]) -> Surroundings {
    let look = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    Surroundings::new(look, Some("/home/ada".into()))
}

fn find(asked: &Asked, around: &Surroundings, there: &[&str]) -> Result<(String, PlanWhy), String> {
    match plan(asked, around, |path| there.iter().any(|known| path == Path::new(known))) {
        Ok(PlanPlace::Found(found)) => Ok((found.path.display().to_string(), found.why)),
        Ok(PlanPlace::Nowhere(looked_at)) => Err(list(&looked_at)),
        Err(error) => Err(error.to_string()),
    }
}

const USER: &str = "/home/ada/.config/lifeboat/plan.toml";
const SYSTEM: &str = "/etc/lifeboat/plan.d";

#[test]
fn the_plan_is_the_first_of_option_lab_variable_user_and_system() {
    let everything = [USER, SYSTEM];
    let option = Asked { plan: Some("here.toml".into()), ..Asked::default() };
    let lab = Asked { lab: true, ..Asked::default() };
    let variable = around(&[("LIFEBOAT_PLAN", "/srv/plan")]);
    let nothing = Asked::default();
    for (asked, around, there, expected) in [
        (&option, &variable, &everything[..], ("here.toml", PlanWhy::Option)),
        (&lab, &variable, &everything, ("/home/ada/.local/state/lifeboat/lab/plan.toml", PlanWhy::Lab)),
        (&nothing, &variable, &everything, ("/srv/plan", PlanWhy::Variable)),
        (&nothing, &around(&[("LIFEBOAT_PLAN", "")]), &everything, (USER, PlanWhy::UserConfiguration)),
        (&nothing, &around(&[]), &[SYSTEM], (SYSTEM, PlanWhy::SystemConfiguration)),
    ] {
        assert_eq!(find(asked, around, there), Ok((expected.0.to_owned(), expected.1)));
    }
}

#[test]
fn without_a_plan_every_place_looked_at_is_named() {
    let looked_at = find(&Asked::default(), &around(&[("XDG_CONFIG_HOME", "/cfg")]), &[]).unwrap_err();
    assert_eq!(
        looked_at,
        "/cfg/lifeboat/plan.toml, /cfg/lifeboat/plan.d, /etc/lifeboat/plan.toml, /etc/lifeboat/plan.d"
    );
}

#[test]
fn two_plans_side_by_side_are_not_chosen_between() {
    let error = find(&Asked::default(), &around(&[]), &[USER, "/home/ada/.config/lifeboat/plan.d"]).unwrap_err();
    assert!(error.contains("only one of them"), "{error}");
}

#[test]
fn relative_base_folders_count_as_unset() {
    let around = around(&[("XDG_CONFIG_HOME", "cfg"), ("XDG_STATE_HOME", "state")]);
    assert_eq!(around.configuration, Some("/home/ada/.config/lifeboat".into()));
    assert_eq!(around.state, Some("/home/ada/.local/state/lifeboat".into()));
}

fn state_of(asked: &Asked, around: &Surroundings, says: &PlanSays<'_>) -> Result<(String, StateWhy), String> {
    state(asked, around, Path::new("/etc/lifeboat/plan.toml"), says)
        .map(|found| (found.path.display().to_string(), found.why))
        .map_err(|error| error.to_string())
}

#[test]
fn the_state_is_the_first_of_lab_option_plan_and_user() {
    let option = Asked { state: Some("/t".into()), ..Asked::default() };
    let lab = Asked { state: Some("/t".into()), lab: true, ..Asked::default() };
    let nothing = Asked::default();
    let named = PlanSays { platform: "shop", state: Some(Path::new("/var/lib/shop")) };
    let beside = PlanSays { platform: "shop", state: Some(Path::new("state")) };
    let unnamed = PlanSays { platform: "shop", state: None };
    for (asked, says, path, why) in [
        (&lab, &named, "/t/lab/state", StateWhy::Lab),
        (&option, &named, "/t", StateWhy::Option),
        (&nothing, &named, "/var/lib/shop", StateWhy::Plan),
        (&nothing, &beside, "/etc/lifeboat/state", StateWhy::Plan),
        (&nothing, &unnamed, "/home/ada/.local/state/lifeboat/shop", StateWhy::UserState),
    ] {
        assert_eq!(state_of(asked, &around(&[]), says), Ok((path.to_owned(), why)));
    }
}

#[test]
fn a_platform_cannot_place_its_state_elsewhere_by_its_name() {
    for platform in ["", ".", "..", "../other", "a/b", "/etc", "a/", "new\nline", "lab"] {
        let says = PlanSays { platform, state: None };
        assert!(state_of(&Asked::default(), &around(&[]), &says).is_err(), "{platform:?}");
    }
}

#[test]
fn without_a_home_the_state_must_be_named() {
    let nowhere = Surroundings::new(|_| None, None);
    let says = PlanSays { platform: "shop", state: None };
    assert!(state_of(&Asked::default(), &nowhere, &says).unwrap_err().contains("HOME"));
    let option = Asked { state: Some("/t".into()), ..Asked::default() };
    assert!(state_of(&option, &nowhere, &says).is_ok());
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
