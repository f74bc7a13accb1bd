//! Paths into the runtime, every token at the span of what it is about: otherwise rustc points its
//! errors at the attribute.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Path;

/// The crate `handover` as the user's crate knows it: `::handover`, or what `crate = …` says.
pub(crate) struct Root(TokenStream);

impl Root {
    pub(crate) fn new(path: Option<&Path>) -> Self {
        Self(path.map_or_else(|| quote!(::handover), ToTokens::to_token_stream))
    }

    /// From `$crate` of a `macro_rules!` macro.
    pub(crate) fn from_dollar_crate(ident: &Ident) -> Self {
        Self(ident.to_token_stream())
    }

    /// `::handover::__private::NAME`, all at `span`.
    pub(crate) fn private(&self, name: &str, span: Span) -> TokenStream {
        let root = &self.0;
        let name = Ident::new(name, span);
        respan(quote!(#root::__private::#name), span)
    }
}

/// The same tokens, all shown at `span`.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let at_span = |mut token: TokenTree| {
        // Keeps where a name is looked up, changes where an error is shown.
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(at_span).collect()
}
