//! `routes![]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::model::RouteList;
use crate::paths::ends;

/// The routes of each entry. Before them, while compiling, whether it is a handler, and whether it can
/// ever run.
pub(crate) fn expand(list: &RouteList) -> TokenStream {
    let RouteList { root, handlers } = list;
    let span = Span::mixed_site();
    let [routes, list_type] = ["Routes", "List"].map(|name| root.private(name, span));
    let traits =
        ["OfFunction", "OfAnything", "OfHandler", "OfNone"].map(|name| root.private(name, span));
    let length = handlers.len();
    let entries = handlers.iter().map(|path| {
        let [first, last] = ends(path);
        let entry = root.private("Entry", first);
        let mut call = quote_spanned!(first=> &&(&&#entry(#path)));
        call.extend(quote_spanned!(last=> .function()));
        quote_spanned!(last=> (#call).routes())
    });
    let metas = handlers.iter().map(|path| {
        let [first, _] = ends(path);
        let metas = root.private("metas", first);
        quote_spanned!(first=> #metas(&#path))
    });
    let checks = handlers.iter().enumerate().skip(1).map(|(at, path)| {
        let [first, last] = ends(path);
        let check_reachable = root.private("check_reachable", first);
        let handlers = Ident::new("__HANDLERS", first.resolved_at(span));
        let mut check = quote_spanned!(first=> const _: () = #check_reachable);
        check.extend(quote_spanned!(last=> (#handlers, #at);));
        check
    });
    quote_spanned! {span=>
        {
            #[allow(unused_imports)]
            use {#(#traits as _),*};
            const __HANDLERS: &#list_type<#length> = &#list_type::new([#(#metas),*]);
            #(#checks)*
            #routes::join([#(#entries),*])
        }
    }
}
