use std::collections::VecDeque;

use super::interner::Interner;
use super::timeline_item::TimelineItem;

/// Maximum number of rows. The oldest are removed first.
const MAX_ROWS: usize = 100_000;

/// Maximum size of requests and responses in bytes. The oldest rows are removed first.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Number of changes that are kept for readers of changes.
const MAX_CHANGES: usize = 4_096;

/// Webhooks and calls, newest last. Adding, finding and changing a row take constant time.
#[derive(Default)]
pub(super) struct Timeline {
    rows: VecDeque<TimelineItem>,
    last: u64,
    bytes: usize,
    /// Ids of changed rows. The last one belongs to `revision`.
    changes: VecDeque<u64>,
    revision: u64,
    interner: Interner,
}

impl Timeline {
    pub(super) fn push(&mut self, mut item: TimelineItem) -> u64 {
        self.last += 1;
        item.id = self.last;
        self.interner.share_all(&mut item);
        self.bytes += item.weight();
        self.rows.push_back(item);
        while self.rows.len() > MAX_ROWS || (self.bytes > MAX_BYTES && self.rows.len() > 1) {
            self.bytes -= self.rows.pop_front().map_or(0, |row| row.weight());
        }
        self.changed(self.last);
        self.last
    }

    /// Changes a row unless it was removed.
    pub(super) fn update(&mut self, id: u64, change: impl FnOnce(&mut TimelineItem)) {
        let index = self.index(id);
        let Some(row) = index.and_then(|index| self.rows.get_mut(index)) else {
            return;
        };
        self.bytes -= row.weight();
        change(row);
        self.interner.share_all(row);
        self.bytes += row.weight();
        self.changed(id);
    }

    fn changed(&mut self, id: u64) {
        self.revision += 1;
        let index = self.index(id);
        if let Some(row) = index.and_then(|index| self.rows.get_mut(index)) {
            row.revision = self.revision;
        }
        self.changes.push_back(id);
        if self.changes.len() > MAX_CHANGES {
            self.changes.pop_front();
        }
    }

    /// Removes all rows. Ids are never reused.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.changes.clear();
        self.bytes = 0;
    }

    pub(super) fn first(&self) -> Option<u64> {
        self.rows.front().map(|row| row.id)
    }

    pub(super) fn last(&self) -> u64 {
        self.last
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn row(&self, id: u64) -> Option<&TimelineItem> {
        self.rows.get(self.index(id)?)
    }

    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &TimelineItem> {
        self.rows.iter()
    }

    /// Returns rows with smaller ids, newest first.
    pub(super) fn before(&self, id: u64) -> impl Iterator<Item = &TimelineItem> {
        let end = id.saturating_sub(self.first().unwrap_or(id));
        let end = usize::try_from(end)
            .unwrap_or(usize::MAX)
            .min(self.rows.len());
        self.rows.range(..end).rev()
    }

    /// Returns rows with larger ids, oldest first.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = &TimelineItem> {
        let next = id.saturating_add(1);
        let start = next.saturating_sub(self.first().unwrap_or(next));
        let start = usize::try_from(start)
            .unwrap_or(usize::MAX)
            .min(self.rows.len());
        self.rows.range(start..)
    }

    /// Returns at most `limit` rows that changed after this revision, sorted by id. The latest
    /// changes are preferred.
    pub(super) fn changed_since(&self, revision: u64, most: usize) -> Vec<&TimelineItem> {
        let mut changed: Vec<_> = (revision + 1..=self.revision)
            .rev()
            .zip(self.changes.iter().rev())
            .filter_map(|(then, id)| self.row(*id).filter(|row| row.revision == then))
            .take(most)
            .collect();
        changed.sort_unstable_by_key(|row| row.id);
        changed
    }

    fn index(&self, id: u64) -> Option<usize> {
        let index = usize::try_from(id.checked_sub(self.first()?)?).ok()?;
        (index < self.rows.len()).then_some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::timeline_item::{TimelineItem, TimelineKind};
    use super::{MAX_ROWS, Timeline};

    const NONE: [u64; 0] = [];

    fn with(rows: usize) -> Timeline {
        let mut timeline = Timeline::default();
        for number in 0..rows {
            timeline.push(TimelineItem::new(TimelineKind::Call, number.to_string()));
        }
        timeline
    }

    fn ids<'a>(rows: impl IntoIterator<Item = &'a TimelineItem>) -> Vec<u64> {
        rows.into_iter().map(|row| row.id).collect()
    }

    #[test]
    fn rows_are_found_in_both_directions() {
        let timeline = with(5);
        assert_eq!(ids(timeline.before(4)), [3, 2, 1]);
        assert_eq!(ids(timeline.before(100)), [5, 4, 3, 2, 1]);
        assert_eq!(ids(timeline.after(3)), [4, 5]);
        assert_eq!(ids(timeline.after(5)), NONE);
        assert_eq!(ids(with(0).before(1)), NONE);
        assert_eq!(ids(timeline.after(u64::MAX)), NONE);
        assert_eq!(ids(with(0).after(u64::MAX)), NONE);
    }

    #[test]
    fn the_oldest_rows_go_first_and_ids_stay() {
        let mut timeline = with(MAX_ROWS + 3);
        assert_eq!(timeline.first(), Some(4));
        assert!(timeline.row(3).is_none());
        assert_eq!(timeline.row(4).map(|row| row.title.as_str()), Some("3"));
        timeline.update(3, |row| row.attempts = 1);
        timeline.clear();
        assert_eq!(
            timeline.push(TimelineItem::new(TimelineKind::Call, "")),
            100_004
        );
    }

    #[test]
    fn changes_come_once_and_the_newest_of_many() {
        let mut timeline = with(10);
        let seen = timeline.revision();
        assert_eq!(ids(timeline.changed_since(seen, 200)), NONE);
        for id in [7, 2, 7, 9] {
            timeline.update(id, |row| row.attempts += 1);
        }
        assert_eq!(ids(timeline.changed_since(seen, 200)), [2, 7, 9]);
        assert_eq!(ids(timeline.changed_since(seen, 2)), [7, 9]);
        assert_eq!(ids(timeline.changed_since(0, 3)), [2, 7, 9]);
    }
}
