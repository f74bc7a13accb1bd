//! Session of a thread, and its named parts.

use serde_json::{Map, Value};

/// Keys of a stored session with parts. Without parts, the session is stored as it is.
const SESSION: &str = "handover.session";
const PARTS: &str = "handover.parts";

/// Change of the session, or of a part of it, by a handler or one of its extractors.
#[derive(Debug)]
pub(crate) struct SessionChange {
    /// Name of the part; `None` is the session itself.
    pub(crate) part: Option<&'static str>,
    /// Position among the sessions and parts that the call took.
    pub(crate) order: usize,
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// Whether the value is one of its type.
    pub(crate) fits: fn(&Value) -> bool,
    /// Whether it is stored also if the handler fails.
    pub(crate) survives_failure: bool,
}

/// Returns the session, or a part of it, from its stored form.
pub(crate) fn part_of<'a>(memory: &'a Value, part: Option<&str>) -> Option<&'a Value> {
    match (memory.get(PARTS), part) {
        (None, None) => Some(memory),
        (None, Some(_)) => None,
        (Some(_), None) => memory.get(SESSION),
        (Some(parts), Some(name)) => parts.get(name),
    }
}

/// Returns the stored form with another session or part.
fn with_part(memory: Option<Value>, part: Option<&str>, value: Value) -> Value {
    let mut whole = match memory {
        Some(Value::Object(whole)) if whole.contains_key(PARTS) => whole,
        session => {
            let Some(_) = part else {
                return value;
            };
            let session = session.map(|session| (SESSION.to_owned(), session));
            Map::from_iter(session)
        }
    };
    match part {
        None => drop(whole.insert(SESSION.to_owned(), value)),
        Some(name) => {
            let parts = whole.entry(PARTS).or_insert_with(|| Map::new().into());
            if let Value::Object(parts) = parts {
                parts.insert(name.to_owned(), value);
            }
        }
    }
    Value::Object(whole)
}

/// The session or a part of it after these changes.
pub(crate) fn part_after(
    stored: Option<&Value>,
    part: Option<&str>,
    changes: &[SessionChange],
) -> Option<Value> {
    let mut changes: Vec<_> = changes
        .iter()
        .filter(|change| change.part == part)
        .collect();
    changes.sort_by_key(|change| change.order);
    changes
        .into_iter()
        .fold(stored.cloned(), |now, change| Some(change.on(now.as_ref())))
}

/// Returns the stored form after these changes, in the order in which the values were taken.
pub(crate) fn changed(memory: Option<&Value>, mut changes: Vec<SessionChange>) -> Option<Value> {
    changes.sort_by_key(|change| change.order);
    let mut changed = memory.cloned();
    for change in changes {
        let now = changed
            .as_ref()
            .and_then(|memory| part_of(memory, change.part));
        let value = change.on(now);
        changed = Some(with_part(changed, change.part, value));
    }
    changed
}

impl SessionChange {
    /// Applies the change to the current value.
    fn on(&self, now: Option<&Value>) -> Value {
        let Some(now) = now.filter(|now| **now != self.before) else {
            return self.after.clone();
        };
        // Another argument changed it in between. Both changes count, if the result is valid.
        let mut merged = now.clone();
        merge(&mut merged, &self.before, &self.after);
        if (self.fits)(&merged) {
            merged
        } else {
            self.after.clone()
        }
    }
}

/// Merges the changed keys of an object; replaces any other value as a whole.
fn merge(now: &mut Value, before: &Value, after: &Value) {
    let (Value::Object(now), Value::Object(before), Value::Object(after)) =
        (&mut *now, before, after)
    else {
        now.clone_from(after);
        return;
    };
    now.retain(|key, _| after.contains_key(key) || !before.contains_key(key));
    for (key, after) in after {
        match (now.get_mut(key), before.get(key)) {
            (_, Some(before)) if before == after => {}
            (Some(now), Some(before)) => merge(now, before, after),
            _ => drop(now.insert(key.clone(), after.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_parts_the_memory_is_the_session() {
        let memory = with_part(None, None, json!({ "questions": 1 }));
        assert_eq!(memory, json!({ "questions": 1 }));
        assert_eq!(part_of(&memory, None), Some(&memory));
        assert_eq!(part_of(&memory, Some("cart")), None);
    }

    #[test]
    fn parts_live_beside_the_session_and_each_other() {
        let memory = with_part(Some(json!(5)), Some("cart"), json!(["tea"]));
        let memory = with_part(Some(memory), Some("form"), json!("name"));
        let memory = with_part(Some(memory), None, json!(6));
        let whole = json!({
            "handover.session": 6, "handover.parts": { "cart": ["tea"], "form": "name" }
        });
        assert_eq!(memory, whole);
        assert_eq!(part_of(&memory, None), Some(&json!(6)));
        assert_eq!(part_of(&memory, Some("cart")), Some(&json!(["tea"])));
        let alone = with_part(None, Some("cart"), json!(1));
        assert_eq!(part_of(&alone, None), None);
    }

    #[test]
    fn changes_at_the_same_time_are_put_together() {
        let before = json!({ "a": 1, "b": { "c": 1, "d": 1 }, "gone": 1 });
        let one = json!({ "a": 2, "b": { "c": 2, "d": 1 }, "gone": 1 });
        let other = json!({ "a": 1, "b": { "c": 1, "d": 3 }, "new": 1 });
        let change = |order, after: &Value, fits| SessionChange {
            part: None,
            order,
            before: before.clone(),
            after: after.clone(),
            fits,
            survives_failure: false,
        };
        let both = |fits| {
            changed(
                Some(&before),
                vec![change(1, &other, fits), change(0, &one, fits)],
            )
        };
        let together = json!({ "a": 2, "b": { "c": 2, "d": 3 }, "new": 1 });
        assert_eq!(both(|_| true), Some(together));
        assert_eq!(both(|_| false), Some(other.clone()), "the last, whole");
    }
}
