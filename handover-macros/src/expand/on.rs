use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::app;
use crate::model::{App, Handler, Key, KeyValue, Pace, Value};
use crate::paths::{Root, ends, respan};

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
    let arity = handler.arguments.iter().map(|_| quote!(()));
    let meta = meta(handler, checks);
    let checks = checks.then(|| self::checks(handler));
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(non_camel_case_types)]
        #visibility struct #name {}

        impl #described for #name {
            type Trigger = #marker;
            type Arity = (#(#arity,)*);
            const META: #meta_type = {
                #checks
                #meta
            };
        }
    }
}

fn meta(handler: &Handler, with_arguments: bool) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let span = Span::mixed_site();
    let meta = root.private("Meta", span);
    let trigger = root.private("Trigger", span);
    let marker = root.private(handler.trigger.marker(), span);
    let module_path = root.private("module_path", span);
    let file = root.private("file", span);
    let line = root.private("line", span);
    let keys = handler
        .filter
        .iter()
        .map(|(key, value)| self::key(*key, value, root));
    let arguments = handler.arguments.iter().filter(|_| with_arguments);
    let arguments = arguments.map(|ty| argument(handler, ty));
    let name = Literal::string(&name.unraw().to_string());
    let doc = Literal::string(&handler.doc);
    quote! {
        #meta {
            name: #name,
            doc: #doc,
            module: #module_path!(),
            file: #file!(),
            line: #line!(),
            trigger: <#marker as #trigger>::KIND,
            keys: &[#(#keys),*],
            arguments: &[#(#arguments),*],
        }
    }
}

fn key(key: Key, value: &Value, root: &Root) -> TokenStream {
    let span = Span::mixed_site();
    let key_type = root.private("Key", span);
    let variant = Ident::new(key.variant(), span);
    match (key.value(), value) {
        (KeyValue::Strings(_) | KeyValue::Names(_), Value::Strings(strings))
            if key != Key::Text =>
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
                Pace::Plain(name) => Ident::new(name, span).to_token_stream(),
                Pace::Debounce(seconds) => quote!(debounce(#seconds)),
            };
            quote!(#key_type::Pace(#pace_type::#pace))
        }
        (_, Value::Switch(on)) => quote!(#key_type::#variant(#on)),
        (_, Value::Predicate(path)) => {
            let name = Literal::string(&path.to_token_stream().to_string().replace(' ', ""));
            quote_spanned!(path.span()=> #key_type::When(#name, #path))
        }
    }
}

/// What an argument asks of the event. The only mention of its type, so that a type that cannot be
/// had gives one error, where it stands.
fn argument(handler: &Handler, ty: &Type) -> TokenStream {
    let [first, _] = ends(ty);
    let from_event = handler.root.private("FromEvent", first);
    let marker = handler.root.private(handler.trigger.marker(), first);
    associated(ty, &quote!(#from_event<#marker>), "ARGUMENT")
}

/// `<Type as Trait>::NAME`, shown as the type: otherwise rustc reports the type and the whole as two
/// mistakes.
fn associated(ty: &Type, of_trait: &TokenStream, name: &str) -> TokenStream {
    let [first, last] = ends(ty);
    let name = Ident::new(name, last);
    let mut path = quote_spanned!(first=> <#ty as #of_trait>);
    path.extend(quote_spanned!(last=> ::#name));
    path
}

fn app_value(app: &App, root: &Root) -> TokenStream {
    let target = app::target(app, root);
    let target_trait = root.private("Target", target.span());
    quote_spanned!(target.span()=> <#target as #target_trait>::APP)
}

fn checks(handler: &Handler) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let answer = answer_check(handler);
    let handoff = handoff_check(handler);
    let check_future = root.private("check_future", name.span());
    let call = call(handler, name.span());
    let future = quote_spanned!(name.span()=> #check_future(#call););
    let arguments = argument_checks(handler);
    // Tells clippy that the function has to be `async` even if it waits for nothing: it is passed on.
    let passed_on = quote_spanned!(name.span()=> let _ = #name;);
    quote! {
        #[allow(unreachable_code)]
        fn __check() {
            // What is never reached is type-checked, but not borrow-checked: half the time.
            return;
            #answer
            #handoff
            #future
            #passed_on
        }
        #arguments
    }
}

/// That the answer is an outcome. Where the type may not be the one that is written, it is inferred.
fn answer_check(handler: &Handler) -> Option<TokenStream> {
    let Handler { root, answer, .. } = handler;
    let ty = answer.written.as_ref()?;
    let [first, _] = ends(ty);
    let marker = root.private(handler.trigger.marker(), first);
    if answer.may_change {
        let check_outcome = root.private("check_outcome", first);
        let call = call(handler, first);
        return Some(quote_spanned!(first=> #check_outcome::<#marker, _>(#call);));
    }
    let into_outcome = root.private("IntoOutcome", first);
    let into_outcome = associated(ty, &quote!(#into_outcome<#marker>), "into_outcome");
    Some(quote_spanned!(first=> let _ = #into_outcome;))
}

/// That the bot owns the thread it hands off.
fn handoff_check(handler: &Handler) -> Option<TokenStream> {
    let [first, last] = ends(handler.answer.handoff.as_ref()?);
    let owns_thread = handler.root.private("OwnsThread", first);
    let marker = handler.root.private(handler.trigger.marker(), first);
    let checked = Ident::new("CHECKED", last);
    let mut check = quote_spanned!(first=> let () = <#marker as #owns_thread>);
    check.extend(quote_spanned!(last=> ::#checked;));
    Some(check)
}

/// That each argument has something to come from, where that is in doubt.
fn argument_checks(handler: &Handler) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let arguments = handler.arguments.iter().enumerate();
    let doubtful = arguments.filter(|(at, _)| handler.may_lack_source(*at));
    let checks = doubtful.map(|(at, ty)| {
        let [first, last] = ends(ty);
        let check_argument = root.private("check_argument", first);
        let described = root.private("Described", first);
        let name = respan(name.to_token_stream(), first);
        let mut check = quote_spanned!(first=> const _: () = #check_argument);
        check.extend(quote_spanned!(last=> (&<#name as #described>::META, #at);));
        check
    });
    checks.collect()
}

/// A function that gives the handler's future. It is never called.
fn call(handler: &Handler, span: Span) -> TokenStream {
    let Handler {
        name, arguments, ..
    } = handler;
    let name = respan(name.to_token_stream(), span);
    if arguments.is_empty() {
        return name;
    }
    let placeholders = arguments.iter().map(|_| quote!(loop {}));
    quote_spanned!(span=> || #name(#(#placeholders),*))
}
