use super::*;
use crate::bot::config_error::OPTIONAL;

fn environment(file: &[(&str, &str)]) -> Environment {
    Environment::default().with(file)
}

#[test]
fn a_misspelled_variable_is_named() {
    let set = [("MESSENGER_PAGEID", "1"), ("MESSENGER_ACCOUNTS", "2")];
    let error = Config::from_environment(&environment(&set), true).unwrap_err();
    let text = error.to_string();
    let hint = "`MESSENGER_PAGEID` is set; did you mean MESSENGER_PAGE_ID?";
    assert!(text.contains(hint), "{text}");
    assert!(!text.contains("MESSENGER_ACCOUNTS"), "{text}");
    // Somebody tried to configure it.
    assert!(!error.nothing_is_set());
}

#[test]
fn every_missing_variable_is_named_at_once_with_the_place_where_it_is_found() {
    let error =
        Config::from_environment(&environment(&[("MESSENGER_APP_ID", "1")]), true).unwrap_err();
    let text = error.to_string();
    for name in [
        "MESSENGER_PAGE_ID",
        "MESSENGER_ACCESS_TOKEN",
        "MESSENGER_APP_SECRET",
        "MESSENGER_VERIFY_TOKEN",
    ] {
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("MESSENGER_APP_ID "), "{text}");
    assert!(text.contains("App settings > Basic: App secret"), "{text}");
    assert!(!error.nothing_is_set());
    assert!(!text.contains("simulator"), "{text}");
    let error = Config::from_environment(&environment(&[]), true).unwrap_err();
    assert!(error.nothing_is_set());
    let text = error.to_string();
    assert!(text.contains("feature `simulator`"), "{text}");
}

#[test]
fn empty_secrets_are_missing_ones() {
    let config = Config::new("1", "2").access_token("EAAB").verify_token(" ");
    let error = config.check(true).unwrap_err();
    let missing: Vec<_> = error.missing().collect();
    assert_eq!(missing, ["MESSENGER_APP_SECRET", "MESSENGER_VERIFY_TOKEN"]);
}

#[test]
fn several_app_secrets_are_a_list() {
    let mut all: Vec<_> = [&PAGE_ID, &ACCESS_TOKEN, &APP_ID, &VERIFY_TOKEN]
        .map(|variable| (variable.name, "1"))
        .into();
    all.push((APP_SECRET.name, "new, old,"));
    let config = Config::from_environment(&environment(&all), true).unwrap();
    let secrets = config.app_secrets.iter().map(ExposeSecret::expose_secret);
    assert_eq!(Vec::from_iter(secrets), ["new", "old"]);
    assert!(!format!("{config:?}").contains("old"));

    let config = Config::new("1", "2").access_token("EAAB").verify_token("v");
    let error = config.app_secrets(["", " "]).check(true).unwrap_err();
    assert_eq!(Vec::from_iter(error.missing()), ["MESSENGER_APP_SECRET"]);
}

#[test]
fn a_file_that_gives_no_value_is_an_error_for_every_variable() {
    let required = [&PAGE_ID, &ACCESS_TOKEN, &APP_ID, &APP_SECRET, &VERIFY_TOKEN];
    let required = required.map(|variable| variable.name);
    // Whoever runs the tests may have set these.
    let is_own = |name: &&str| !["HOST", "PORT"].contains(name);
    let optional = OPTIONAL.into_iter().chain(["HANDOVER_LOG"]).filter(is_own);
    for name in required.into_iter().chain(optional) {
        let variable = format!("{name}_FILE");
        for (path, cause) in [
            ("/nowhere/value", "cannot be read: "),
            ("/dev/null", "is empty"),
        ] {
            let others = required.into_iter().filter(|other| *other != name);
            let mut set: Vec<_> = others.map(|other| (other, "1")).collect();
            set.push((variable.as_str(), path));
            let error = Config::from_environment(&environment(&set), true).unwrap_err();
            let text = error.to_string();
            let problem = format!("\n  {variable}: {path} {cause}");
            assert!(text.contains(&problem), "{text}");
            assert_eq!(text.matches(path).count(), 1, "{text}");
            assert_eq!(error.missing().count(), 0, "{text}");
        }
    }
}

/// Otherwise a build with the simulator would run with that.
#[test]
fn files_that_give_no_value_configure_the_bot_as_well() {
    let names = [&PAGE_ID, &ACCESS_TOKEN, &APP_ID, &APP_SECRET, &VERIFY_TOKEN];
    let names = names.map(|variable| format!("{}_FILE", variable.name));
    let set: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), "/nowhere/value"))
        .collect();
    let error = Config::from_environment(&environment(&set), true).unwrap_err();
    assert!(!error.nothing_is_set());
    let optional = [("HANDOVER_STORE_FILE", "/nowhere/value")];
    let error = Config::from_environment(&environment(&optional), true).unwrap_err();
    assert!(!error.nothing_is_set());
}

#[test]
fn a_notifier_comes_with_its_secret() {
    let with = |more: &[(&str, &str)]| {
        let mut all: Vec<_> = [&PAGE_ID, &ACCESS_TOKEN, &APP_ID, &APP_SECRET, &VERIFY_TOKEN]
            .map(|variable| (variable.name, "1"))
            .into();
        all.extend(more);
        Config::from_environment(&environment(&all), true)
    };
    let webhook = ("HANDOVER_NOTIFY_WEBHOOK", "https://desk.example.com/hidden");
    let config = with(&[
        ("HANDOVER_NOTIFY_SLACK", "https://hooks.example.com/hidden"),
        webhook,
        ("HANDOVER_NOTIFY_SECRET", "a secret"),
    ]);
    let names = config.unwrap().notifiers;
    let names = names.iter().map(|notifier| notifier.name_of().to_string());
    assert_eq!(Vec::from_iter(names), ["slack", "webhook"]);
    let error = with(&[webhook]).unwrap_err().to_string();
    assert!(error.contains("HANDOVER_NOTIFY_SECRET"), "{error}");
    let file = ("HANDOVER_NOTIFY_SECRET_FILE", "/nowhere/secret");
    let error = with(&[webhook, file]).unwrap_err().to_string();
    assert!(error.contains("/nowhere/secret"), "{error}");
    assert!(!error.contains("choose a secret"), "{error}");
    let error = with(&[("HANDOVER_NOTIFY_SLACK", "hidden")]).unwrap_err();
    assert!(error.to_string().contains("`slack`"), "{error}");
    assert!(!error.to_string().contains("hidden"), "{error}");
}

#[test]
fn a_host_can_be_a_name() {
    let mut all: Vec<_> = [&PAGE_ID, &ACCESS_TOKEN, &APP_ID, &APP_SECRET, &VERIFY_TOKEN]
        .map(|variable| (variable.name, "1"))
        .into();
    all.extend([("HOST", "localhost"), ("PORT", "81")]);
    let config = Config::from_environment(&environment(&all), true).unwrap();
    assert!(config.address.ip().is_loopback());
    assert_eq!(config.address.port(), 81);
}

#[test]
fn a_password_in_an_address_is_not_shown() {
    for store in [
        "postgre://bot:hunter2@db/bot",
        "POSTGRES://bot:hunter2@db/bot",
        "\"postgres://bot:hunter2@db/bot\"",
        "bot:hunter2@db/bot",
    ] {
        let error = Config::from_environment(&environment(&[("HANDOVER_STORE", store)]), true);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("HANDOVER_STORE=`"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_quoted() {
    let error = Config::from_environment(
        &environment(&[("PORT", "eighty"), ("HOST", "not a host")]),
        true,
    )
    .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("PORT=`eighty`") && text.contains("HOST=`not a host`"),
        "{text}"
    );
}
