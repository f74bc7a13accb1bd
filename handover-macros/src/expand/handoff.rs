//! A function with a handoff around what it returns.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ReturnType, Signature};

use super::app;
use crate::ide;
use crate::item::Item;
use crate::model::HandoffSpec;
use crate::paths::{Root, first_and_last_span};

/// Contains the user's function unchanged, under its own name, so that errors in it read as without an
/// attribute, and an error in a type is reported once although it is written in both. Also contains the
/// `hints`.
pub(crate) fn expand(item: &Item, handoff: &HandoffSpec, hints: &TokenStream) -> TokenStream {
    let root = &handoff.root;
    let span = Span::mixed_site();
    let attributes = &item.head.attributes;
    let visibility = &item.head.visibility;
    let body = &item.body;
    let signature = &item.head.signature;
    let answer = match &signature.output {
        ReturnType::Default => quote_spanned!(signature.ident.span()=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let answer = self::answer(handoff, root, &answer);
    let Signature {
        asyncness,
        fn_token,
        ident: name,
        inputs,
        ..
    } = signature;
    let types = inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(&argument.ty),
        FnArg::Receiver(_) => None,
    });
    let names: Vec<_> = (0..inputs.len())
        .map(|at| format_ident!("__argument_{at}", span = span))
        .collect();
    let answered = answered(handoff, root, &quote!(#name(#(#names),*).await));
    let hints = ide::alone(hints);
    let mut outer_body = Group::new(
        Delimiter::Brace,
        quote! {
            #hints
            #[allow(clippy::unused_async)]
            #signature #body
            #answered
        },
    );
    // A function that ends in tokens of ours would never be reported as unused.
    outer_body.set_span(body.span());
    quote! {
        #(#attributes)*
        #visibility #asyncness #fn_token #name(#(#names: #types),*) -> #answer
        #outer_body
    }
}

/// The type of the answer with the handoff.
pub(super) fn answer(handoff: &HandoffSpec, root: &Root, answer: &TokenStream) -> TokenStream {
    let target = app::target(&handoff.to, root);
    let [first, _] = first_and_last_span(&target);
    let with_handoff = root.private("WithHandoff", first);
    quote!(#with_handoff<#answer, #target>)
}

/// The future of the answer with the handoff, from the boxed one of the function.
pub(super) fn mapped(handoff: &HandoffSpec, root: &Root, future: &TokenStream) -> TokenStream {
    let mapped = root.private("mapped", Span::mixed_site());
    let answer = Ident::new("__answered", Span::mixed_site());
    let answered = answered(handoff, root, &answer.to_token_stream());
    quote!(#mapped({ #future }, |#answer| #answered))
}

/// The answer with the handoff. Errors are shown at the target, which has to be one.
fn answered(handoff: &HandoffSpec, root: &Root, answer: &TokenStream) -> TokenStream {
    let [first, last] = first_and_last_span(app::target(&handoff.to, root));
    let with_handoff = root.private("WithHandoff", first);
    let new = Ident::new("new", last);
    let steps = steps(handoff, root);
    let mut answered = quote_spanned!(first=> #with_handoff::#new);
    answered.extend(quote_spanned!(last=> (#answer)));
    quote!(#answered #steps)
}

/// One method call for each key that is given.
fn steps(handoff: &HandoffSpec, root: &Root) -> TokenStream {
    let HandoffSpec {
        metadata,
        say,
        when,
        on_error,
        reclaim_after,
        unclaimed_after,
        idle_after,
        ..
    } = handoff;
    let metadata = metadata.as_ref().map(|value| {
        let text = root.private("metadata_text", value.span());
        quote_spanned!(value.span()=> .metadata(#text(&#value)))
    });
    let say = say
        .as_ref()
        .map(|text| quote_spanned!(text.span()=> .say(#text)));
    let when = when.as_ref().map(|path| {
        // A closure, so that `fn(&str) -> bool` goes with a `String`.
        let asked = quote_spanned!(path.span()=> #path(__answer));
        quote!(.when(|__answer| #asked))
    });
    let reclaim_after = reclaim_after.map(|seconds| quote!(.reclaim_after(#seconds)));
    let unclaimed_after = unclaimed_after.map(|seconds| quote!(.unclaimed_after(#seconds)));
    let idle_after = idle_after.map(|seconds| quote!(.idle_after(#seconds)));
    let on_error = on_error.map(|_| quote!(.on_error()));
    quote!(#when #say #metadata #reclaim_after #unclaimed_after #idle_after #on_error)
}
