//! The call of the user's own function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Ident, Type};

use crate::model::Handler;
use crate::paths::respan;

/// The future of the user's own function. That it can be moved between threads is checked here, unless
/// an argument that is wrong keeps it from that.
pub(super) fn future(handler: &Handler, named: &[&Type], variables: &[Ident]) -> TokenStream {
    let Handler {
        name, arguments, ..
    } = handler;
    let root = &handler.root;
    let shown = name.span();
    let name = respan(name.to_token_stream(), shown);
    let variables = variables
        .iter()
        .map(|one| respan(one.to_token_stream(), shown));
    let call = quote_spanned!(shown=> #name(#(#variables),*));
    if arguments.iter().all(is_plain) {
        let boxed = root.private("boxed", shown);
        return quote_spanned!(shown=> #boxed(#call));
    }
    // One is enough: an argument that is there for one trigger can be moved.
    let marker = handler
        .triggers
        .first()
        .map(|one| root.private(one.trigger.marker(), shown));
    let [boxing, otherwise] = ["Boxing", "Otherwise"].map(|name| root.private(name, shown));
    quote_spanned! {shown=>
        #[allow(unused_imports)]
        use #otherwise as _;
        #boxing::<#marker, (#(#named,)*)>::NEW.boxed(#call)
    }
}

/// Whether the type is one that is surely there, and can be moved between threads.
pub(super) fn is_plain(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "Attachments",
        "Burst",
        "Captures",
        "Event",
        "Failure",
        "Graph",
        "History",
        "Now",
        "Outcome",
        "Ownership",
        "Payload",
        "Sender",
        "String",
        "Text",
        "Thread",
        "Timers",
        "Window",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| PLAIN.iter().any(|plain| name == plain)),
        Type::Reference(_) => ty.to_token_stream().to_string() == "& 'static str",
        _ => false,
    }
}
