//! Collecting mistakes, so that one build reports all of them.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// A mistake in the tokens `$at`, worded as [`format!`] does.
macro_rules! error_at {
    ($at:expr, $($message:tt)+) => {
        $crate::diag::error($at, format!($($message)+))
    };
}
pub(crate) use error_at;

pub(crate) fn error(at: impl ToTokens, message: String) -> syn::Error {
    // From the first token to the last: a single span would only be the first one's.
    syn::Error::new_spanned(at, message)
}

/// Mistakes in the order found. [`finish`](Self::finish) has to be called: a sink that is dropped
/// with mistakes in it would hide them.
#[must_use = "mistakes in it would be hidden"]
pub(crate) struct Sink {
    errors: Vec<syn::Error>,
}

impl Sink {
    pub(crate) fn new() -> Self {
        Self { errors: Vec::new() }
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    /// The value; the mistake is kept.
    pub(crate) fn ok_or_push<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// One `compile_error!` for each mistake.
    pub(crate) fn finish(self) -> TokenStream {
        self.errors
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }
}
