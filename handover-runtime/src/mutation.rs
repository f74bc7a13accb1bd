//! Mistakes that a test can switch on, to see that it would find them.

/// Whether `HANDOVER_MUTATION` names this mistake. Without the feature `failpoints`, never.
macro_rules! mutation {
    ($name:literal) => {
        cfg!(feature = "failpoints") && $crate::mutation::is_chosen($name)
    };
}
pub(crate) use mutation;

pub(crate) fn is_chosen(name: &str) -> bool {
    static CHOSEN: std::sync::LazyLock<Option<String>> =
        std::sync::LazyLock::new(|| std::env::var("HANDOVER_MUTATION").ok());

    CHOSEN.as_deref() == Some(name)
}
