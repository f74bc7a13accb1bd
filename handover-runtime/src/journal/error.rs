/// The store failed; nothing of the batch was written.
#[derive(Debug, thiserror::Error)]
#[error("the journal cannot be {doing}; nothing of it was stored")]
pub struct JournalError {
    /// `written` or `read`.
    pub doing: &'static str,
    /// What the store says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl JournalError {
    pub(crate) fn written(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            doing: "written",
            source: source.into(),
        }
    }
}
