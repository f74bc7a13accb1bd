//! Tokens to model: keys and heads are read, nothing is decided.

pub(crate) mod derive;
mod duration;
pub(crate) mod handoff;
pub(crate) mod on;
mod pace;
mod pattern;
mod regex;
mod routes;

use proc_macro2::TokenStream;
use syn::Error;
use syn::parse::Parse;

/// Expands an expression as a whole or not at all, unlike an attribute.
pub(crate) fn whole<T: Parse>(
    tokens: TokenStream,
    expand: impl FnOnce(&T) -> TokenStream,
) -> TokenStream {
    syn::parse2(tokens).map_or_else(Error::into_compile_error, |input| expand(&input))
}
