//! What a thread remembers: its session, and named parts beside it.

use serde_json::{Map, Value};

/// The keys of a memory that has parts. Without parts, it is the session itself.
const SESSION: &str = "handover.session";
const PARTS: &str = "handover.parts";

/// What a handler, or an extractor of its, did to the session or to a part of it.
#[derive(Debug)]
pub(crate) struct SessionChange {
    /// The part's name; `None` is the session.
    pub(crate) part: Option<&'static str>,
    /// When it was taken, among the others of the call.
    pub(crate) order: usize,
    pub(crate) before: Value,
    pub(crate) after: Value,
    /// Whether this is a value of its type.
    pub(crate) fits: fn(&Value) -> bool,
}

/// The session or a part of it in a thread's memory.
pub(crate) fn part_of<'a>(memory: &'a Value, part: Option<&str>) -> Option<&'a Value> {
    match (memory.get(PARTS), part) {
        (None, None) => Some(memory),
        (None, Some(_)) => None,
        (Some(_), None) => memory.get(SESSION),
        (Some(parts), Some(name)) => parts.get(name),
    }
}

/// The memory with another session or part.
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

/// The memory after these changes, in the order in which the values were taken.
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
    /// What this makes of the value as it is now.
    fn on(&self, now: Option<&Value>) -> Value {
        let Some(now) = now.filter(|now| **now != self.before) else {
            return self.after.clone();
        };
        // Another changed it in between. Both count, if that gives a whole.
        let mut merged = now.clone();
        merge(&mut merged, &self.before, &self.after);
        if (self.fits)(&merged) {
            merged
        } else {
            self.after.clone()
        }
    }
}

/// Changes of an object what is another after than before; of anything else, all.
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
