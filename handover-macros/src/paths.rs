//! Paths into the runtime, every token at the span of what it is about: otherwise rustc points its
//! errors at the attribute.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

/// The crate `handover` as the user's crate knows it.
#[derive(Clone, Default)]
pub(crate) enum Root {
    /// `::handover`.
    #[default]
    Facade,
    /// Value of `crate = …`.
    Named(TokenStream),
}

impl Root {
    pub(crate) fn new(path: Option<&Path>) -> Self {
        path.map_or(Self::Facade, |path| Self::Named(path.to_token_stream()))
    }

    /// From `$crate` of a `macro_rules!` macro.
    pub(crate) fn from_dollar_crate(ident: &Ident) -> Self {
        Self::Named(ident.to_token_stream())
    }

    /// `::handover::__private::attributes::NAME`.
    pub(crate) fn attribute(&self, name: &str) -> TokenStream {
        let attributes = self.private("attributes", Span::call_site());
        let name = Ident::new(name, Span::call_site());
        quote!(#attributes::#name)
    }

    /// `::handover::__private::NAME`, all at `span`.
    pub(crate) fn private(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, span);
        match self {
            Self::Facade => quote_spanned!(span=> ::handover::__private::#name),
            Self::Named(root) => respan(quote!(#root::__private::#name), span),
        }
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

/// The same name, with `r#` if it is a keyword that can be written so. Where a function is called by a
/// keyword, rustc has reported that, and reads on as if it had found this.
pub(crate) fn raw(name: Ident) -> Ident {
    let never = ["_", "crate", "self", "super", "Self"];
    // A keyword since the edition of 2024.
    let is_keyword = name == "gen" || syn::parse2::<Ident>(name.to_token_stream()).is_err();
    if is_keyword && !never.iter().any(|word| name == word) {
        Ident::new_raw(&name.to_string(), name.span())
    } else {
        name
    }
}

/// The spans of the first and the last token. Tokens between these two are shown as
/// the whole of `tokens`, which no single span on a stable compiler is.
pub(crate) fn first_and_last_span(tokens: impl ToTokens) -> [Span; 2] {
    let mut tokens = tokens.into_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    [first, last]
}
