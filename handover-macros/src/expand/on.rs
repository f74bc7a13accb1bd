//! A handler and its companion.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, ReturnType, Safety, Signature, Token, Type, Visibility};

use super::names::Names;
use super::{app, companion, handoff};
use crate::check::Use;
use crate::ide;
use crate::item::{Head, Item};
use crate::model::{AppValue, Handler};
use crate::paths::{Root, first_and_last_span};

/// A function that is called like the user's and returns a boxed future whose type names the
/// companion. The user's own is inside it as it was, so that what is wrong in it reads as without
/// an attribute. The `hints` are inside as well.
pub(crate) fn expand(handler: &Handler, item: &Item, way: Use, hints: &TokenStream) -> TokenStream {
    match way {
        Use::Full => around(handler, item, hints, false),
        Use::Inert => around(handler, item, hints, true),
        Use::Name | Use::NameOnly => instead(handler, item, way),
        Use::Nothing => quote!(#item),
    }
}

/// The function around the user's function. After a mistake it is `inert`: it has no companion, and
/// does nothing in a list.
fn around(handler: &Handler, item: &Item, hints: &TokenStream, inert: bool) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let attributes = &item.head.attributes;
    let visibility = &item.head.visibility;
    let user_body = &item.body;
    let mut signature = item.head.signature.clone();
    signature.asyncness = signature
        .asyncness
        .or_else(|| Some(Token![async](signature.fn_token.span)));
    signature.constness = None;
    signature.safety = Safety::Default;
    signature.abi = None;
    let names = Names::of(handler, item);
    let mut types = names.name_types(&mut signature);
    let arguments: Vec<_> = arguments(&signature).collect();
    let variables: Vec<_> = (0..arguments.len())
        .map(|at| format_ident!("__argument_{at}", span = Span::mixed_site()))
        .collect();
    let plain_answer = match &signature.output {
        ReturnType::Default => quote_spanned!(name.span()=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let mut answer = match &handler.handoff {
        Some(handoff) => handoff::answer(handoff, root, &plain_answer),
        None => plain_answer.clone(),
    };
    let attached = root.private("Attached", name.span());
    let (companion, companion_type, inside) = if inert {
        let [function, companion] =
            ["inert", "Inert"].map(|name| root.private(name, Span::mixed_site()));
        let hints = ide::alone(hints);
        let call = quote!(#hints #function(#name(#(#variables),*)));
        (TokenStream::new(), companion, call)
    } else {
        let companion = names.companion();
        let attach = root.private("attach", Span::mixed_site());
        let inside = match &handler.handoff {
            Some(handoff) if matches!(handoff.to, AppValue::Type(_)) => {
                // Named as the types in the signature are: it is needed more than once.
                let mut named = Type::Verbatim(answer);
                types.extend(names.name(
                    &mut named,
                    first_and_last_span(app::target(&handoff.to, root)),
                    &"handoff",
                ));
                answer = named.into_token_stream();
                answer.clone()
            }
            _ => answer.clone(),
        };
        let implementation = companion::implementation(
            handler,
            &companion,
            &arguments,
            &variables,
            [&plain_answer, &inside],
            hints,
        );
        let call = quote!(#implementation #attach((#(#variables,)*)));
        (
            names.declare_companion(&companion),
            companion.into_token_stream(),
            call,
        )
    };
    let answer = if inert { &plain_answer } else { &answer };
    let fn_token = &signature.fn_token;
    let mut body = Group::new(
        Delimiter::Brace,
        quote! {
            #[allow(clippy::unused_async)]
            #signature #user_body
            #inside
        },
    );
    // A function that ends in tokens of ours would never be reported as unused.
    body.set_span(item.body.span());
    quote! {
        #types
        #companion
        #(#attributes)*
        #visibility #fn_token #name(#(#variables: #arguments),*) -> #attached<#companion_type, #answer>
        #body
    }
}

fn arguments(signature: &Signature) -> impl Iterator<Item = &Type> {
    signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(&*argument.ty),
            FnArg::Receiver(_) => None,
        })
}

/// A function of the same name that can be listed, where the user's own cannot be called.
fn instead(handler: &Handler, item: &Item, way: Use) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let attributes = item
        .head
        .attributes
        .iter()
        .filter(|one| !one.path().is_ident("test"));
    let visibility = &item.head.visibility;
    let fn_token = &item.head.signature.fn_token;
    let own = (way == Use::Name).then(|| {
        let mut own = item.clone();
        own.head.attributes = Vec::new();
        own.head.visibility = Visibility::Inherited;
        quote!(#[allow(dead_code)] #own)
    });
    if name == "main" {
        return quote!(#fn_token #name() { #own });
    }
    let span = Span::mixed_site();
    let [attached, inert_type, inert, nothing] =
        ["Attached", "Inert", "inert", "nothing"].map(|name| root.private(name, span));
    quote! {
        #(#attributes)*
        #[allow(dead_code)]
        #visibility #fn_token #name() -> #attached<#inert_type, ()> {
            #own
            #inert(#nothing())
        }
    }
}

/// A function that can be listed in place of one that rustc has reported, if what comes before its
/// arguments can be read.
pub(crate) fn in_place_of(mut head: TokenStream, item: TokenStream, root: &Root) -> TokenStream {
    let span = Span::mixed_site();
    head.extend(quote!(()));
    let Ok(Head {
        visibility,
        signature,
        ..
    }) = syn::parse2(head)
    else {
        return item;
    };
    let Signature {
        fn_token, ident, ..
    } = signature;
    let [attached, inert_type, inert, nothing] =
        ["Attached", "Inert", "inert", "nothing"].map(|name| root.private(name, span));
    quote! {
        #[allow(dead_code)]
        #visibility #fn_token #ident() -> #attached<#inert_type, ()> {
            #inert(#nothing())
        }
    }
}
