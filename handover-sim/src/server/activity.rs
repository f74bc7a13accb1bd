use std::collections::{BTreeMap, HashMap};

use handover_protocol::PersonId;

/// Order of threads by last change and by last entry. Reads and updates take logarithmic time.
#[derive(Default)]
pub(super) struct Activity {
    revision: u64,
    threads: HashMap<PersonId, ThreadActivity>,
    changed: BTreeMap<u64, PersonId>,
    active: BTreeMap<u64, PersonId>,
}

#[derive(Default, Clone, Copy)]
struct ThreadActivity {
    changed: u64,
    active: u64,
    entries: usize,
}

impl Activity {
    /// Records that a thread may have changed, with its number of entries.
    pub(super) fn touch(&mut self, person: &PersonId, entries: usize) {
        self.revision += 1;
        let seen = self.threads.entry(person.clone()).or_default();
        self.changed.remove(&seen.changed);
        self.changed.insert(self.revision, person.clone());
        seen.changed = self.revision;
        if seen.active == 0 || entries > seen.entries {
            self.active.remove(&seen.active);
            self.active.insert(self.revision, person.clone());
            seen.active = self.revision;
        }
        seen.entries = entries;
    }

    /// Removes all threads. Revisions continue.
    pub(super) fn clear(&mut self) {
        self.revision += 1;
        self.threads.clear();
        self.changed.clear();
        self.active.clear();
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn revision_of(&self, person: &PersonId) -> u64 {
        self.threads.get(person).map_or(0, |seen| seen.changed)
    }

    pub(super) fn changed_since(&self, revision: u64) -> impl Iterator<Item = &PersonId> {
        self.changed.range(revision + 1..).map(|(_, person)| person)
    }

    /// Returns the threads by last entry, newest first, each with its cursor.
    pub(super) fn newest(&self, before: u64) -> impl Iterator<Item = (u64, &PersonId)> {
        let threads = self.active.range(..before).rev();
        threads.map(|(place, person)| (*place, person))
    }
}

#[cfg(test)]
mod tests {
    use handover_protocol::PersonId;

    use super::Activity;

    const ANA: PersonId = PersonId::from_static("1");
    const BEN: PersonId = PersonId::from_static("2");

    #[test]
    fn threads_move_up_when_something_is_said() {
        let mut activity = Activity::default();
        activity.touch(&ANA, 0);
        activity.touch(&BEN, 0);
        let order = |activity: &Activity, before| -> Vec<PersonId> {
            let newest = activity.newest(before);
            newest.map(|(_, person)| person.clone()).collect()
        };
        assert_eq!(order(&activity, u64::MAX), [BEN, ANA]);
        activity.touch(&ANA, 0);
        assert_eq!(order(&activity, u64::MAX), [BEN, ANA], "nothing was said");
        activity.touch(&ANA, 1);
        assert_eq!(order(&activity, u64::MAX), [ANA, BEN]);
        let (place, _) = activity.newest(u64::MAX).next().expect("two threads");
        assert_eq!(order(&activity, place), [BEN]);
    }

    #[test]
    fn every_change_is_seen_once() {
        let mut activity = Activity::default();
        activity.touch(&ANA, 0);
        activity.touch(&BEN, 0);
        let seen = activity.revision();
        activity.touch(&ANA, 1);
        activity.touch(&ANA, 1);
        assert_eq!(activity.changed_since(seen).collect::<Vec<_>>(), [&ANA]);
        let seen = activity.revision();
        assert_eq!(activity.changed_since(seen).count(), 0);
    }
}
