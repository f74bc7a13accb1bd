//! What findings must not show.

use handover::graph::GraphError;
use handover_runtime::shared::{with_causes, without_secret};

/// Takes out of texts what the platform was asked with, and may quote.
pub(super) struct Redactor(Vec<String>);

impl Redactor {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self(secrets.into_iter().map(str::to_owned).collect())
    }

    /// An error without them.
    pub(super) fn redacted(&self, error: &GraphError) -> String {
        self.hidden_in(&with_causes(error))
    }

    /// A text of the platform without them.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        let secrets = self.0.iter();
        secrets.fold(text.to_owned(), |text, secret| {
            without_secret(&text, secret)
        })
    }
}
