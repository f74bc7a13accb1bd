use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::app;
use crate::model::{App, Filter, Handler};
use crate::paths::{Root, respan};

/// The companion of a handler: a type of the same name that carries its facts, and checks that
/// point at the user's own tokens. Without `checks`, only what keeps other errors from following.
pub(crate) fn expand(handler: &Handler, checks: bool) -> TokenStream {
    let Handler {
        root,
        visibility,
        name,
        ..
    } = handler;
    let span = name.span().resolved_at(Span::mixed_site());
    let described = root.private("Described", span);
    let meta_type = root.private("Meta", span);
    let marker = root.private(handler.trigger.marker(), span);
    let meta = meta(handler);
    let checks = checks.then(|| self::checks(handler));
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #name {}

        const _: () = {
            impl #described for #name {
                type Trigger = #marker;
                const META: #meta_type = #meta;
            }
            #checks
        };
    }
}

fn meta(handler: &Handler) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let span = Span::mixed_site();
    let meta = root.private("Meta", span);
    let trigger = root.private("Trigger", span);
    let marker = root.private(handler.trigger.marker(), span);
    let module_path = root.private("module_path", span);
    let file = root.private("file", span);
    let line = root.private("line", span);
    let filter = filter(&handler.filter, root);
    let name = Literal::string(&name.to_string());
    let doc = Literal::string(&handler.doc);
    quote! {
        #meta {
            name: #name,
            doc: #doc,
            module: #module_path!(),
            file: #file!(),
            line: #line!(),
            trigger: <#marker as #trigger>::KIND,
            filter: #filter,
        }
    }
}

fn filter(filter: &Filter, root: &Root) -> TokenStream {
    let type_name = root.private("Filter", Span::mixed_site());
    let Filter {
        text,
        quick_reply,
        payload,
        kind,
        ..
    } = filter;
    let regex = option(filter.regex.as_ref().map(ToTokens::to_token_stream), root);
    let from = option(filter.from.as_ref().map(|app| app_value(app, root)), root);
    let to = option(filter.to.as_ref().map(|app| app_value(app, root)), root);
    quote! {
        #type_name {
            text: &[#(#text),*],
            regex: #regex,
            quick_reply: &[#(#quick_reply),*],
            payload: &[#(#payload),*],
            from: #from,
            to: #to,
            kind: &[#(#kind),*],
        }
    }
}

fn option(value: Option<TokenStream>, root: &Root) -> TokenStream {
    match value {
        Some(value) => {
            let some = root.private("Some", Span::mixed_site());
            quote!(#some(#value))
        }
        None => root.private("None", Span::mixed_site()),
    }
}

fn app_value(app: &App, root: &Root) -> TokenStream {
    let target = app::target(app, root);
    let target_trait = root.private("Target", target.span());
    quote_spanned!(target.span()=> <#target as #target_trait>::APP)
}

/// One mention per argument, so that each mistake gives one error, where it stands.
fn checks(handler: &Handler) -> TokenStream {
    let Handler {
        root, name, output, ..
    } = handler;
    let arguments = handler.arguments.iter().map(|ty| {
        let span = ty.span();
        let from_event = root.private("FromEvent", span);
        let marker = root.private(handler.trigger.marker(), span);
        // At one span, or rustc reports the type and the trait as two mistakes.
        let ty = respan(ty.to_token_stream(), span);
        quote_spanned!(span=> let _ = <#ty as #from_event<#marker>>::from_event;)
    });
    let check_outcome = root.private("check_outcome", *output);
    let marker = root.private(handler.trigger.marker(), *output);
    let check_future = root.private("check_future", name.span());
    let of_outcome = call(handler, *output);
    let of_future = call(handler, name.span());
    let outcome = quote_spanned!(*output=> #check_outcome::<#marker, _>(#of_outcome););
    let future = quote_spanned!(name.span()=> #check_future(#of_future););
    quote! {
        #[allow(unreachable_code)]
        fn __check() {
            #(#arguments)*
            #outcome
            #future
        }
    }
}

/// A function that gives the handler's future. It is never called.
fn call(handler: &Handler, span: Span) -> TokenStream {
    let Handler {
        root,
        name,
        arguments,
        ..
    } = handler;
    let name = respan(name.to_token_stream(), span);
    if arguments.is_empty() {
        return name;
    }
    let unreachable = root.private("unreachable", Span::mixed_site());
    let placeholders = arguments.iter().map(|_| quote!(#unreachable!()));
    quote_spanned!(span=> || #name(#(#placeholders),*))
}
