//! The facts about a handler, and how it is called.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::call::future;
use super::{app, checks, handoff};
use crate::model::{AppValue, Handler, KeyName, KeyValue, PaceValue, TriggerSpec, Value};
use crate::paths::{Root, first_and_last_span};

/// What the companion knows and does. The checks in it point at the user's own tokens.
pub(super) fn implementation(
    handler: &Handler,
    companion: &Ident,
    arguments: &[&Type],
    variables: &[Ident],
    [plain_answer, answer]: [&TokenStream; 2],
    hints: &TokenStream,
) -> TokenStream {
    let root = &handler.root;
    let span = Span::mixed_site();
    let [companion_trait, meta, box_answer] =
        ["Companion", "Meta", "BoxAnswer"].map(|name| root.private(name, span));
    let triggers = trigger_types(handler);
    let maybe_session = handler.maybe_session();
    let maybe_session =
        maybe_session.map_or_else(|| quote!(()), |at| arguments[at].to_token_stream());
    let metas = handler.triggers.iter().map(|one| {
        let checks = checks::of_answer(handler, one, plain_answer);
        let facts = meta_of(handler, one, arguments);
        if checks.is_empty() {
            facts
        } else {
            quote!({ #checks #facts })
        }
    });
    let checks = checks::of_companion(handler, companion);
    let future = future(handler, arguments, variables);
    let called = match &handler.handoff {
        Some(handoff) => handoff::mapped(handoff, root, &future),
        None => future,
    };
    quote! {
        // The type is outside of the function, whose signature names it.
        #[allow(non_local_definitions, unexpected_cfgs)]
        impl #companion_trait<(#(#arguments,)*), #answer, #maybe_session> for #companion {
            type Triggers = #triggers;
            const METAS: &'static [#meta] = {
                #hints
                &[#(#metas),*]
            };

            fn call((#(#variables,)*): (#(#arguments,)*)) -> #box_answer<#answer> {
                #called
            }
        }
        #checks
    }
}

/// `(OnMessage, OnPostback,)`.
fn trigger_types(handler: &Handler) -> TokenStream {
    let markers = handler.triggers.iter();
    let markers = markers.map(|one| {
        handler
            .root
            .private(one.trigger.marker(), Span::mixed_site())
    });
    quote!((#(#markers,)*))
}

fn meta_of(handler: &Handler, triggered: &TriggerSpec, named: &[&Type]) -> TokenStream {
    let Handler { name, .. } = handler;
    let root = &handler.root;
    let span = Span::mixed_site();
    let meta = root.private("Meta", span);
    let kind = root.private("TriggerKind", span);
    let trigger = Ident::new(triggered.trigger.kind(), span);
    let module_path = root.private("module_path", span);
    let (file, line) = place(triggered.span);
    let keys = triggered
        .filter
        .iter()
        .map(|(key, value)| self::key(*key, value, triggered.trigger.marker(), root));
    let named = named.iter().enumerate();
    let arguments =
        named.map(|(at, ty)| checks::argument(handler, triggered.trigger.marker(), at, ty));
    let name = Literal::string(&name.unraw().to_string());
    let doc = Literal::string(&handler.doc);
    quote! {
        #meta {
            name: #name,
            doc: #doc,
            module: #module_path!(),
            file: #file,
            line: #line,
            trigger: #kind::#trigger,
            keys: &[#(#keys),*],
            arguments: &[#(#arguments),*],
        }
    }
}

/// The file and the line. Written down here, for `file!()` and `line!()` are two macros more to expand.
fn place(span: Span) -> (String, Literal) {
    let (file, line) = if proc_macro::is_available() {
        let span = span.unwrap();
        (span.file(), span.line())
    } else {
        ("src/lib.rs".to_owned(), 1)
    };
    (file, Literal::usize_unsuffixed(line))
}

fn key(key: KeyName, value: &Value, marker: &str, root: &Root) -> TokenStream {
    let span = Span::mixed_site();
    let key_type = root.private("Key", span);
    let variant = Ident::new(key.variant(), span);
    match (key.value(), value) {
        (KeyValue::Strings(_) | KeyValue::Names(_), Value::Strings(strings))
            if key != KeyName::Text =>
        {
            let field = root.private("Field", span);
            quote!(#key_type::Is(#field::#variant, &[#(#strings),*]))
        }
        (KeyValue::Regex, Value::Strings(strings)) => quote!(#key_type::Regex(#(#strings)*)),
        (_, Value::Strings(strings)) => quote!(#key_type::#variant(&[#(#strings),*])),
        (_, Value::App(app)) => {
            let place = root.private("Place", span);
            let app = app_value(app, root);
            quote!(#key_type::App(#place::#variant, #app))
        }
        (_, Value::Pace(pace)) => {
            let pace_type = root.private("Pace", span);
            let pace = match pace {
                PaceValue::Plain(name) => Ident::new(name, span).to_token_stream(),
                PaceValue::Debounce(seconds) => quote!(debounce(#seconds)),
            };
            quote!(#key_type::Pace(#pace_type::#pace))
        }
        (_, Value::Switch(on)) => quote!(#key_type::#variant(#on)),
        (_, Value::Predicate(path)) => {
            let name = Literal::string(&path.to_token_stream().to_string().replace(' ', ""));
            let [first, last] = first_and_last_span(path);
            let when = root.private("When", first);
            let marker = root.private(marker, first);
            let mut predicate = quote_spanned!(first=> #when::<#marker, _, _>::new);
            predicate.extend(quote_spanned!(last=> (#path)));
            quote!(#key_type::When(#name, &#predicate))
        }
    }
}

fn app_value(app: &AppValue, root: &Root) -> TokenStream {
    let target = app::target(app, root);
    let target_trait = root.private("Target", target.span());
    quote_spanned!(target.span()=> <#target as #target_trait>::APP)
}
