//! A handler and its companion.

use proc_macro2::{Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, ReturnType, Safety, Token, Type};

use super::app;
use crate::check::Use;
use crate::item::Item;
use crate::model::{App, Handler, Key, KeyValue, Pace, Value};
use crate::paths::{Root, ends, respan};

/// A function that is called like the user's and returns the same future with a companion attached.
/// The user's own stands inside it as it was, so that what is wrong in it reads as without an
/// attribute. The `hints` stand inside as well.
pub(crate) fn expand(handler: &Handler, item: &Item, way: Use, hints: &TokenStream) -> TokenStream {
    match way {
        Use::Full => {
            let companion = companion(handler);
            around(handler, item, &trigger_types(handler), &companion, hints)
        }
        Use::Inert => {
            let attach = attach_inert(handler);
            around(handler, item, &quote!(()), &attach, hints)
        }
        Use::Name | Use::NameOnly => instead(handler, item, way),
        Use::Nothing => quote!(#item),
    }
}

/// `(OnMessage,)`.
fn trigger_types(handler: &Handler) -> TokenStream {
    let marker = handler
        .root
        .private(handler.trigger.marker(), Span::mixed_site());
    quote!((#marker,))
}

fn attach_inert(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let attach = handler.root.private("attach", span);
    let inert = handler.root.private("Inert", span);
    quote!(#attach::<#inert, _>)
}

/// The function around the user's own. `attach` is a function.
fn around(
    handler: &Handler,
    item: &Item,
    triggers: &TokenStream,
    attach: &TokenStream,
    hints: &TokenStream,
) -> TokenStream {
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
    let answer = match &signature.output {
        ReturnType::Default => quote_spanned!(name.span()=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let handled = root.private("Handled", name.span());
    let names: Vec<_> = (0..signature.inputs.len())
        .map(|at| format_ident!("__argument_{at}", span = Span::mixed_site()))
        .collect();
    let types = signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(&argument.ty),
            FnArg::Receiver(_) => None,
        });
    let fn_token = &signature.fn_token;
    let impl_token = Token![impl](name.span());
    let mut body = Group::new(
        proc_macro2::Delimiter::Brace,
        quote! {
            #[allow(clippy::unused_async)]
            #signature #user_body
            #hints
            (#attach)(#name(#(#names),*))
        },
    );
    // A function that ends in tokens of ours would never be reported as unused.
    body.set_span(item.body.span());
    quote! {
        #(#attributes)*
        #visibility #fn_token #name(#(#names: #types),*) -> #impl_token #handled<Triggers = #triggers, Output = #answer>
        #body
    }
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
        own.head.visibility = syn::Visibility::Inherited;
        quote!(#[allow(dead_code)] #own)
    });
    if name == "main" {
        return quote!(#fn_token #name() { #own });
    }
    let span = Span::mixed_site();
    let handled = root.private("Handled", span);
    let attach = attach_inert(handler);
    let nothing = root.private("nothing", span);
    quote! {
        #(#attributes)*
        #[allow(dead_code)]
        #visibility #fn_token #name() -> impl #handled<Triggers = (), Output = ()> {
            #own
            #attach(#nothing())
        }
    }
}

/// The companion, and what attaches it. The checks in it point at the user's own tokens.
fn companion(handler: &Handler) -> TokenStream {
    let Handler { root, .. } = handler;
    let span = Span::mixed_site();
    let [companion, attach, meta] =
        ["Companion", "attach", "Meta"].map(|name| root.private(name, span));
    let triggers = trigger_types(handler);
    let checks = checks(handler);
    let facts = meta_of(handler);
    let arguments = argument_checks(handler);
    quote! {
        {
            enum __Companion {}
            impl #companion for __Companion {
                type Triggers = #triggers;
                const METAS: &'static [#meta] = {
                    #checks
                    &[#facts]
                };
            }
            #arguments
            #attach::<__Companion, _>
        }
    }
}

fn meta_of(handler: &Handler) -> TokenStream {
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
    let arguments = handler.arguments.iter().enumerate();
    let arguments = arguments.map(|(at, ty)| argument(at, ty));
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

fn app_value(app: &App, root: &Root) -> TokenStream {
    let target = app::target(app, root);
    let target_trait = root.private("Target", target.span());
    quote_spanned!(target.span()=> <#target as #target_trait>::APP)
}

/// The variable that has the place of an argument.
fn place(at: usize, span: Span) -> Ident {
    Ident::new(
        &format!("__place_{at}"),
        span.resolved_at(Span::mixed_site()),
    )
}

/// What the argument asks of the event. That it can be extracted is checked here, in the type's place.
fn argument(at: usize, ty: &Type) -> TokenStream {
    let [first, last] = ends(ty);
    let place = place(at, first);
    let argument = Ident::new("argument", last);
    let mut asked = quote_spanned!(first=> #place);
    asked.extend(quote_spanned!(last=> .#argument()));
    asked
}

/// Code that never runs. The types of the arguments are found out by the compiler and written down
/// nowhere, so that one that does not exist is reported once, where it stands.
fn checks(handler: &Handler) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let span = Span::mixed_site();
    let marker = root.private(handler.trigger.marker(), span);
    let placeholder = root.private("Placeholder", span);
    let places = (0..handler.arguments.len()).map(|at| {
        let place = place(at, span);
        quote!(let #place = #placeholder::<#marker, _>::new();)
    });
    let answer = answer_check(handler);
    let handoff = handoff_check(handler);
    let check_future = root.private("check_future", name.span());
    let call = call(handler, [name.span(); 2]);
    let future = quote_spanned!(name.span()=> #check_future(#call););
    quote! {
        #(#places)*
        let _ = || { #answer #handoff #future };
    }
}

/// That the answer is an outcome.
fn answer_check(handler: &Handler) -> Option<TokenStream> {
    let Handler { root, answer, .. } = handler;
    let written = answer.written.as_ref()?;
    let [first, last] = ends(written);
    let marker = root.private(handler.trigger.marker(), first);
    let call = call(handler, [first, last]);
    Some(if answer.handoff.is_some() {
        let check = root.private("check_handoff_outcome", first);
        quote_spanned!(first=> #check::<#marker, _, _, _>(#call);)
    } else {
        let check = root.private("check_outcome", first);
        quote_spanned!(first=> #check::<#marker, _>(#call);)
    })
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
    let Handler { root, .. } = handler;
    let arguments = handler.arguments.iter().enumerate();
    let doubtful = arguments.filter(|(at, _)| handler.may_lack_source(*at));
    let checks = doubtful.map(|(at, ty)| {
        let [first, last] = ends(ty);
        let check_argument = root.private("check_argument", first);
        let companion = root.private("Companion", first);
        let name = Ident::new("__Companion", first.resolved_at(Span::mixed_site()));
        let mut check = quote_spanned!(first=> const _: () = #check_argument);
        check.extend(quote_spanned!(last=> (&<#name as #companion>::METAS[0], #at);));
        check
    });
    checks.collect()
}

/// A call of the handler, all shown from the first to the last of these.
fn call(handler: &Handler, [first, last]: [Span; 2]) -> TokenStream {
    let name = respan(handler.name.to_token_stream(), first);
    let places = (0..handler.arguments.len()).map(|at| {
        let place = place(at, last);
        quote_spanned!(last=> #place.take())
    });
    let mut arguments = Group::new(proc_macro2::Delimiter::Parenthesis, quote!(#(#places),*));
    arguments.set_span(last);
    let mut call = name;
    call.extend([TokenTree::from(arguments)]);
    call
}
