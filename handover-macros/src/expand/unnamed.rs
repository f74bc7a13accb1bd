//! Functions whose name rustc could not read.
//!
//! It has reported them. A list of the same crate names such a handler as something that is not there,
//! or cannot be a name, which would be a second error for one mistake.

use std::sync::atomic::{AtomicBool, Ordering};

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};

use crate::paths::Root;

/// rustc expands one crate in a process. rust-analyzer does not, so what it sees does not depend on
/// this.
static MET: AtomicBool = AtomicBool::new(false);

pub(super) fn note() {
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
