//! `routes![]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Meta;

use crate::model::{RouteList, RouteSpec};
use crate::paths::first_and_last_span;

/// The routes of each entry. Before them, while compiling, whether it is a handler, and whether it can
/// ever run.
pub(crate) fn expand(list: &RouteList) -> TokenStream {
    let RouteList { root, handlers } = list;
    let span = Span::mixed_site();
    if handlers.is_empty() {
        let no_routes = root.private("no_routes", Span::call_site());
        return quote_spanned!(Span::call_site()=> #no_routes(0));
    }
    let [routes, list_type] = ["Routes", "List"].map(|name| root.private(name, span));
    let traits =
        ["OfHandler", "OfAnything", "OfNone", "OfOther"].map(|name| root.private(name, span));
    let conditions: Vec<_> = handlers.iter().map(|entry| &entry.conditions).collect();
    // Looked up as the path is: with a macro's own hygiene, rustc would show the whole of `routes![]`.
    let variable = |at: usize, shown: Span| Ident::new(&format!("__entry_{at}"), shown);
    let no_session = root.private("NoSession", span);
    let entries = handlers.iter().enumerate().map(|(at, handler)| {
        let RouteSpec { path, conditions } = handler;
        let [first, last] = first_and_last_span(path);
        let entry = root.private("Entry", first);
        let variable = variable(at, first);
        let sessions = Ident::new("__sessions", first.resolved_at(span));
        let mut listed = quote_spanned!(first=> &&#entry(#path));
        listed = quote_spanned!(last=> (#listed).listed());
        let mut after = quote_spanned!(first=> #variable);
        after.extend(quote_spanned!(last=> .sessions(#sessions)));
        quote_spanned! {last=>
            #(#conditions)*
            let #variable;
            // In a `let`, rustc would guess at a type that is missing.
            #(#conditions)*
            { #variable = #listed; }
            #(#conditions)*
            let #sessions = #after;
        }
    });
    let lists = handlers.iter().enumerate().map(|(at, handler)| {
        let RouteSpec { path, conditions } = handler;
        let [first, last] = first_and_last_span(path);
        let variable = variable(at, first);
        let entry = quote_spanned!(first=> #variable);
        quote_spanned!(last=> #(#conditions)* #entry.routes())
    });
    let metas = handlers.iter().map(|RouteSpec { path, .. }| {
        let [first, _] = first_and_last_span(path);
        let metas = root.private("metas", first);
        quote_spanned!(first=> #metas(&#path))
    });
    // An entry that is not there takes no place.
    let places = |handlers: &[RouteSpec]| {
        let places = handlers
            .iter()
            .map(|RouteSpec { conditions, .. }| match &conditions[..] {
                [] => quote!(1),
                conditions => {
                    let conditions = conditions.iter().map(|one| match &one.meta {
                        Meta::List(list) => list.tokens.clone(),
                        _ => TokenStream::new(),
                    });
                    let cfg = root.private("cfg", span);
                    quote!(#cfg!(all(#(all(#conditions)),*)) as usize)
                }
            });
        quote!(0 #(+ #places)*)
    };
    let is_conditional = conditions.iter().any(|conditions| !conditions.is_empty());
    let place = |at: usize| {
        if is_conditional {
            places(&handlers[..at])
        } else {
            at.to_token_stream()
        }
    };
    let length = place(handlers.len());
    let checks = handlers.iter().enumerate().map(|(at, entry)| {
        let [first, last] = first_and_last_span(&entry.path);
        let conditions = &entry.conditions;
        let at = place(at);
        let check_reachable = root.private("check_reachable", first);
        let handlers = Ident::new("__HANDLERS", first.resolved_at(span));
        let mut check = quote_spanned!(first=> #(#conditions)* const _: () = #check_reachable);
        check.extend(quote_spanned!(last=> (#handlers, #at);));
        check
    });
    quote_spanned! {span=>
        {
            #[allow(unused_imports)]
            use {#(#traits as _),*};
            const __HANDLERS: &#list_type<{ #length }> = &#list_type::new([#(#(#conditions)* #metas),*]);
            #(#checks)*
            let __sessions = #no_session;
            #(#entries)*
            let _ = __sessions;
            #routes::join([#(#lists),*])
        }
    }
}
