//! Which choice of the rules explains differences.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::report::{Difference, ExplainingChoice};
use super::rule::PlatformRule;
use super::{CheckRun, Routings};
use crate::platform::{Behavior, RateLimits};

/// How many choices are combined.
const MOST_CHOICES: usize = 6;

/// Values of each choice.
const CHOICES: [(&str, &[&str]); 19] = [
    ("take_notifies", &["previous_owner", "all_subscribed"]),
    ("take_from_idle", &["silent", "null"]),
    ("pass_from_idle", &["null", "absent"]),
    ("claimed_zero_config", &["messaging", "standby"]),
    ("messenger_delivery", &["standby", "messaging"]),
    ("instagram_delivery", &["standby", "messaging"]),
    ("idle_message", &["owned", "stays_idle"]),
    ("app_ids", &["numbers", "strings", "mixed"]),
    ("no_metadata", &["absent", "null"]),
    ("echo_after_pass", &["after", "before"]),
    ("extend_too_long", &["refused", "clamped"]),
    (
        "send_checks",
        &["owner_first", "window_first", "parameters_last"],
    ),
    ("batching", &["one_item", "items", "entries"]),
    ("inbox_done", &["passes", "releases", "keeps"]),
    ("appsecret_proof", &["optional", "required"]),
    ("instagram_echo_app_id", &["absent", "present"]),
    ("instagram_templates", &["by_kind", "empty", "as_sent"]),
    (
        "instagram_new_message_edit",
        &["without_parties", "with_parties", "never", "only"],
    ),
    ("messenger_deletions", &["not_sent", "sent"]),
];

/// Says of each difference with which choice it would be none.
pub(super) fn explain(
    run: &CheckRun<'_>,
    behavior: Behavior,
    routings: &Routings,
    differences: &mut [Difference],
) {
    let mut behavior = behavior;
    let mut left: BTreeSet<DifferenceKey> = differences.iter().map(key).collect();
    for _ in 0..MOST_CHOICES {
        if left.is_empty() {
            return;
        }
        let mut best: Option<(usize, bool, Alternative, BTreeSet<DifferenceKey>)> = None;
        let mut all = alternatives(behavior);
        // The likeliest first: often one of them explains everything.
        let named = |setting| {
            let mut unexplained = differences.iter().filter(|it| left.contains(&key(it)));
            unexplained.any(|difference| difference.rule.setting == Some(setting))
        };
        all.sort_by_key(|alternative| !named(alternative.setting));
        for alternative in all {
            let result = run.replay(alternative.behavior, routings);
            let remaining: BTreeSet<DifferenceKey> = result.differences.iter().map(key).collect();
            let gain = left.len().checked_sub(remaining.len());
            let Some(gain) = gain.filter(|gain| *gain > 0) else {
                continue;
            };
            let is_named = named(alternative.setting);
            let is_all = is_named && remaining.is_empty();
            if best
                .as_ref()
                .is_none_or(|(most, named, ..)| (gain, is_named) > (*most, *named))
            {
                best = Some((gain, is_named, alternative, remaining));
            }
            if is_all {
                break;
            }
        }
        let Some((.., alternative, remaining)) = best else {
            return;
        };
        for difference in differences.iter_mut() {
            let key = key(difference);
            if left.contains(&key) && !remaining.contains(&key) {
                difference.explained_by = Some(ExplainingChoice {
                    setting: alternative.setting.to_owned(),
                    value: alternative.value.clone(),
                });
                if difference.rule.setting != Some(alternative.setting)
                    && let Some(rule) = PlatformRule::default_of(alternative.setting)
                {
                    difference.rule = rule;
                }
            }
        }
        (behavior, left) = (alternative.behavior, remaining);
    }
}

type DifferenceKey = (usize, String, String, super::Aspect);

fn key(difference: &Difference) -> DifferenceKey {
    (
        difference.line,
        difference.subject.clone(),
        difference.path.clone(),
        difference.aspect,
    )
}

struct Alternative {
    setting: &'static str,
    value: Value,
    behavior: Behavior,
}

/// Each behavior that differs from this one in one choice.
fn alternatives(behavior: Behavior) -> Vec<Alternative> {
    let Ok(Value::Object(now)) = serde_json::to_value(behavior) else {
        return Vec::new();
    };
    let texts = CHOICES.into_iter().flat_map(|(setting, values)| {
        let values = values.iter().map(|value| Value::from(*value));
        values.map(move |value| (setting, value))
    });
    let limits = ("rate_limits", json!(RateLimits::documented()));
    let all = texts.chain([limits]);
    let others = all.filter(|(setting, value)| now.get(*setting) != Some(value));
    others
        .filter_map(|(setting, value)| {
            let mut other: Map<String, Value> = now.clone();
            other.insert(setting.to_owned(), value.clone());
            Some(Alternative {
                setting,
                value,
                behavior: serde_json::from_value(Value::Object(other)).ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_tried() {
        let Ok(Value::Object(all)) = serde_json::to_value(Behavior::default()) else {
            panic!("behavior is an object");
        };
        for (setting, value) in all {
            let tried = alternatives(Behavior::default());
            let tried: Vec<_> = tried.iter().filter(|it| it.setting == setting).collect();
            assert!(!tried.is_empty(), "{setting} is not tried");
            assert!(tried.iter().all(|it| it.value != value), "{setting}");
        }
    }
}
