//! A recording of the simulator with another choice is found out, and one without is not.

use handover_sim::check::{CheckOptions, PlatformRule, check};
use handover_sim::platform::{Behavior, RateLimits};
use serde_json::{Value, json};

use super::talks::ALL;

/// Every choice with another value than the default.
fn others() -> Vec<(String, Value)> {
    let list = [
        ("take_notifies", &["all_subscribed"][..]),
        ("take_from_idle", &["null"]),
        ("pass_from_idle", &["absent"]),
        ("claimed_zero_config", &["standby"]),
        ("messenger_delivery", &["messaging"]),
        ("instagram_delivery", &["standby"]),
        ("idle_message", &["stays_idle"]),
        ("app_ids", &["strings", "mixed"]),
        ("no_metadata", &["null"]),
        ("echo_after_pass", &["before"]),
        ("extend_too_long", &["clamped"]),
        ("send_checks", &["window_first", "parameters_last"]),
        ("batching", &["items", "entries"]),
        ("inbox_done", &["releases", "keeps"]),
        ("appsecret_proof", &["required"]),
        ("instagram_echo_app_id", &["present"]),
        ("instagram_templates", &["empty", "as_sent"]),
        (
            "instagram_new_message_edit",
            &["with_parties", "never", "only"],
        ),
        ("messenger_deletions", &["sent"]),
    ];
    let list = list.into_iter().flat_map(|(name, values)| {
        values
            .iter()
            .map(move |value| (name.to_owned(), json!(value)))
    });
    list.chain([("rate_limits".to_owned(), json!(RateLimits::documented()))])
        .collect()
}

fn behavior_with(name: &str, value: &Value) -> Behavior {
    let mut behavior = serde_json::to_value(Behavior::default()).unwrap();
    behavior[name] = value.clone();
    serde_json::from_value(behavior).unwrap()
}

#[test]
fn every_choice_has_another_value_here() {
    let Value::Object(all) = serde_json::to_value(Behavior::default()).unwrap() else {
        panic!("behavior is an object");
    };
    let tried = others();
    for name in all.keys() {
        assert!(
            tried.iter().any(|(tried, _)| tried == name),
            "{name} is not tried"
        );
    }
}

#[test]
fn the_rules_agree_with_themselves() {
    for (name, talk) in ALL {
        let talk = talk(Behavior::default());
        let report = talk.checked();
        assert!(
            report.agrees(),
            "{name}:
{report}"
        );
        assert!(report.items > 2 && report.calls > 4, "{name}: {report}");
    }
}

#[test]
fn every_other_choice_is_found_and_named() {
    let mut missed = Vec::new();
    for (name, value) in others() {
        let behavior = behavior_with(&name, &value);
        let mut found = false;
        for (title, talk) in ALL {
            let report = talk(behavior).checked();
            for difference in &report.differences {
                let explained = difference.explained_by.as_ref();
                let is_it = explained.is_some_and(|choice| choice.setting == name)
                    || difference.rule.setting == Some(name.as_str());
                if is_it {
                    found = true;
                } else {
                    missed.push(format!("{name}={value}, {title}: {difference}"));
                }
            }
        }
        if !found {
            missed.push(format!("{name}={value} is not found"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn with_the_same_choice_there_is_no_difference() {
    let mut wrong = Vec::new();
    for (name, value) in others() {
        let mut options = CheckOptions::default();
        options.behavior = behavior_with(&name, &value);
        for (title, talk) in ALL {
            let talk = talk(options.behavior);
            let report = check(talk.text().as_bytes(), &options).unwrap();
            if !report.agrees() {
                wrong.push(format!("{name}={value}, {title}:\n{report}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_difference_names_a_rule_of_the_table() {
    assert!(PlatformRule::all().len() > 300);
    // The ids that the check may name.
    let code = include_str!("../../../src/check/rule.rs");
    let code = code.split("fn of_item").nth(1).unwrap();
    let quoted = code.split('"').skip(1).step_by(2);
    let ids = quoted.filter(|text| text.contains('_') && text.len() > 24);
    for id in ids.filter(|id| id.matches('_').count() > 3) {
        assert!(PlatformRule::with_id(id).is_some(), "{id} is no rule");
    }
}
