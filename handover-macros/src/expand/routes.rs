use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

use crate::model::RouteList;

/// One `Route` per entry: the path as a type names the facts, as a value the function. Before them,
/// while compiling, whether each can ever run.
pub(crate) fn expand(list: &RouteList) -> TokenStream {
    let RouteList { root, handlers } = list;
    let span = Span::mixed_site();
    let routes = root.private("Routes", span);
    let list_type = root.private("List", span);
    let length = handlers.len();
    let entries = handlers.iter().map(|path| {
        let described = root.private("Described", path.span());
        quote_spanned!(path.span()=> <#path as #described>::route(#path))
    });
    let metas = handlers.iter().map(|path| {
        let described = root.private("Described", path.span());
        quote_spanned!(path.span()=> <#path as #described>::META)
    });
    let checks = handlers.iter().enumerate().skip(1).map(|(at, path)| {
        let check_reachable = root.private("check_reachable", path.span());
        let handlers = Ident::new("__HANDLERS", path.span().resolved_at(span));
        quote_spanned!(path.span()=> const _: () = #check_reachable(#handlers, #at);)
    });
    quote_spanned! {span=>
        {
            const __HANDLERS: &#list_type<#length> = &#list_type::new([#(#metas),*]);
            #(#checks)*
            #routes::new([#(#entries),*])
        }
    }
}
