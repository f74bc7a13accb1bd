use std::collections::HashSet;
use std::sync::Arc;

use super::headers::Headers;
use super::timeline_item::TimelineItem;

/// Maximum number of texts.
const MAX: usize = 4_096;

/// Maximum length of a shared text.
const MAX_LENGTH: usize = 1_024;

/// Interner: equal texts share memory, because headers and short responses repeat.
#[derive(Default)]
pub(super) struct Interner(HashSet<Arc<str>>);

impl Interner {
    /// Interns the texts of a row.
    pub(super) fn share_all(&mut self, row: &mut TimelineItem) {
        row.url = self.share(row.url.clone());
        for text in [&mut row.request, &mut row.response] {
            *text = text.take().map(|text| self.share(text));
        }
        for headers in [&mut row.request_headers, &mut row.response_headers] {
            *headers = headers
                .take()
                .map(|Headers(text)| Headers(self.share(text)));
        }
    }

    fn share(&mut self, text: Arc<str>) -> Arc<str> {
        if text.len() > MAX_LENGTH {
            return text;
        }
        if let Some(known) = self.0.get(&text) {
            return known.clone();
        }
        if self.0.len() == MAX {
            self.0.clear();
        }
        self.0.insert(text.clone());
        text
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Interner;

    #[test]
    fn equal_texts_are_one() {
        let mut interner = Interner::default();
        let (one, other) = (interner.share("same".into()), interner.share("same".into()));
        assert!(Arc::ptr_eq(&one, &other));
        assert!(!Arc::ptr_eq(&one, &interner.share("else".into())));
    }
}
