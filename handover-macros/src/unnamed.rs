//! Functions that are named by a keyword.
//!
//! rustc has reported them, and a list that names such a function finds it as `r#keyword`. One that
//! names something else, since that is what the function was to be called, would be a second error for
//! one mistake. So it is empty if rustc has expanded the function before.

use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};

use crate::paths::Root;

/// rustc expands one crate in a process, in the order in which it is written: a list below the function
/// knows, and one above it names at worst one thing more that is missing. rust-analyzer expands many, so
/// what it sees does not depend on this.
static MET: AtomicBool = AtomicBool::new(false);

pub(crate) fn note() {
    MET.store(true, Ordering::Relaxed);
}

pub(crate) fn were_met() -> bool {
    MET.load(Ordering::Relaxed)
}

/// An empty list in place of what `routes![]` was given, unless an editor asks.
pub(crate) fn no_list(
    list: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let root = Parser::parse2(
        |input: ParseStream<'_>| {
            let root: Ident = input.parse()?;
            input.parse::<TokenStream>()?;
            Ok(Root::from_dollar_crate(&root))
        },
        list.clone(),
    );
    let Ok(root) = root else {
        return expand(list);
    };
    let routes = root.private("Routes", Span::mixed_site());
    let listed = expand(list);
    quote! {
        {
            #[allow(unexpected_cfgs)]
            let __routes = {
                #[cfg(rust_analyzer)]
                let __routes = #listed;
                #[cfg(not(rust_analyzer))]
                let __routes = #routes::default();
                __routes
            };
            __routes
        }
    }
}
