//! A handler and its companion.

use std::fmt::Display;

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, Meta, ReturnType, Safety, Signature, Token, Type};

use super::{app, handoff};
use crate::check::Use;
use crate::item::Item;
use crate::model::{App, Handler, Key, KeyValue, Pace, Trigger, Triggered, Value};
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
    let types = name_types(handler, item, &mut signature);
    let arguments: Vec<_> = arguments(&signature).collect();
    let names: Vec<_> = (0..arguments.len())
        .map(|at| format_ident!("__argument_{at}", span = Span::mixed_site()))
        .collect();
    let answer = match &signature.output {
        ReturnType::Default => quote_spanned!(name.span()=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let call = quote!(#name(#(#names),*));
    let (answer, future) = match &handler.handoff {
        Some(handoff) => (
            handoff::answer(handoff, root, &answer),
            handoff::future(handoff, root, &call),
        ),
        None => (answer, call),
    };
    let handled = root.private("Handled", name.span());
    let fn_token = &signature.fn_token;
    let impl_token = Token![impl](name.span());
    let mut body = Group::new(
        Delimiter::Brace,
        quote! {
            #[allow(clippy::unused_async)]
            #signature #user_body
            #hints
            (#attach)(#future)
        },
    );
    // A function that ends in tokens of ours would never be reported as unused.
    body.set_span(item.body.span());
    quote! {
        #types
        #(#attributes)*
        #visibility #fn_token #name(#(#names: #arguments),*) -> #impl_token #handled<Triggers = #triggers, Output = #answer>
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

/// Gives each type of the signature a name, to be used instead: it is needed more than once, and
/// written twice it would be reported twice if it is wrong. An error in it is shown as in the function.
fn name_types(handler: &Handler, item: &Item, signature: &mut Signature) -> TokenStream {
    let name = &handler.name;
    // Two functions of one name are one mistake, not several.
    let place: String = [name.span(), Span::call_site()]
        .map(|span| format!("{span:?}"))
        .concat();
    let place: String = place
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    let levels = lint_levels(&item.head.attributes);
    let mut names = TokenStream::new();
    let mut give_name = |ty: &mut Type, at: &dyn Display| {
        let named = format_ident!("__{}_{at}_{place}", name.unraw(), span = name.span());
        names.extend(quote! {
            #levels
            #[allow(dead_code, non_camel_case_types)]
            type #named = #ty;
        });
        let [first, last] = ends(&*ty);
        let mut instead = respan(named.to_token_stream(), first);
        // Brackets, so that it ends where the type did.
        instead.extend(quote_spanned!(last=> <>));
        *ty = Type::Verbatim(instead);
    };
    for (at, argument) in signature.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(argument) = argument {
            give_name(&mut argument.ty, &at);
        }
    }
    if let ReturnType::Type(_, ty) = &mut signature.output {
        give_name(ty, &"answer");
    }
    names
}

/// What the function says about lints holds for the types in its signature.
fn lint_levels(attributes: &[Attribute]) -> TokenStream {
    let levels = attributes.iter().filter_map(|attribute| {
        let path = attribute.path();
        let Meta::List(list) = &attribute.meta else {
            return None;
        };
        let lints = &list.tokens;
        if path.is_ident("expect") {
            return Some(quote!(#[allow(#lints)]));
        }
        let is_level = ["allow", "warn", "deny", "forbid"];
        is_level
            .iter()
            .any(|level| path.is_ident(level))
            .then(|| quote!(#attribute))
    });
    levels.collect()
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
    let metas = handler.triggers.iter().map(|one| {
        let checks = checks(handler, one);
        let facts = meta_of(handler, one);
        quote!({ #checks #facts })
    });
    let arguments = argument_checks(handler);
    let reachable = trigger_checks(handler);
    quote! {
        {
            enum __Companion {}
            impl #companion for __Companion {
                type Triggers = #triggers;
                const METAS: &'static [#meta] = &[#(#metas),*];
            }
            #arguments
            #reachable
            #attach::<__Companion, _>
        }
    }
}

fn meta_of(handler: &Handler, triggered: &Triggered) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let span = Span::mixed_site();
    let meta = root.private("Meta", span);
    let trigger = root.private("Trigger", span);
    let marker = root.private(triggered.trigger.marker(), span);
    let module_path = root.private("module_path", span);
    let file = root.private("file", span);
    let line = root.private("line", triggered.span.resolved_at(span));
    let keys = triggered
        .filter
        .iter()
        .map(|(key, value)| self::key(*key, value, triggered.trigger.marker(), root));
    let arguments = handler.arguments.iter().enumerate();
    let arguments = arguments.map(|(at, ty)| argument(at, ty));
    let name = Literal::string(&name.unraw().to_string());
    let doc = Literal::string(&handler.doc);
    let line = quote_spanned!(triggered.span.resolved_at(span)=> #line!());
    quote! {
        #meta {
            name: #name,
            doc: #doc,
            module: #module_path!(),
            file: #file!(),
            line: #line,
            trigger: <#marker as #trigger>::KIND,
            keys: &[#(#keys),*],
            arguments: &[#(#arguments),*],
        }
    }
}

fn key(key: Key, value: &Value, marker: &str, root: &Root) -> TokenStream {
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
            let [first, last] = ends(path);
            let when = root.private("When", first);
            let marker = root.private(marker, first);
            let mut predicate = quote_spanned!(first=> #when::<#marker, _, _>::new);
            predicate.extend(quote_spanned!(last=> (#path)));
            quote!(#key_type::When(#name, &#predicate))
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
fn checks(handler: &Handler, triggered: &Triggered) -> TokenStream {
    let Handler { root, name, .. } = handler;
    let span = Span::mixed_site();
    let marker = triggered.trigger.marker();
    let marker_type = root.private(marker, span);
    let placeholder = root.private("Placeholder", span);
    let places = (0..handler.arguments.len()).map(|at| {
        let place = place(at, span);
        quote!(let #place = #placeholder::<#marker_type, _>::new();)
    });
    let answer = answer_check(handler, marker);
    let handoff = handoff_check(handler, marker);
    let check_future = root.private("check_future", name.span());
    let call = call(handler, [name.span(); 2]);
    let future = quote_spanned!(name.span()=> #check_future(#call););
    quote! {
        #(#places)*
        let _ = || { #answer #handoff #future };
    }
}

/// That the answer is an outcome.
fn answer_check(handler: &Handler, marker: &str) -> Option<TokenStream> {
    let Handler { root, answer, .. } = handler;
    let [first, last] = ends(answer.as_ref()?);
    // Whether the thread is the bot's is then asked of the handoff, once.
    let marker = if handler.handoff.is_some() {
        Trigger::Message.marker()
    } else {
        marker
    };
    let marker = root.private(marker, first);
    let call = call(handler, [first, last]);
    let check = root.private("check_outcome", first);
    Some(quote_spanned!(first=> #check::<#marker, _>(#call);))
}

/// That the bot owns the thread it hands off.
fn handoff_check(handler: &Handler, marker: &str) -> Option<TokenStream> {
    let target = app::target(&handler.handoff.as_ref()?.to, &handler.root);
    let [first, last] = ends(target);
    let owns_thread = handler.root.private("OwnsThread", first);
    let marker = handler.root.private(marker, first);
    let checked = Ident::new("CHECKED", last);
    let mut check = quote_spanned!(first=> let () = <#marker as #owns_thread>);
    check.extend(quote_spanned!(last=> ::#checked;));
    Some(check)
}

/// That no trigger is covered by one above it.
fn trigger_checks(handler: &Handler) -> TokenStream {
    let Handler { root, triggers, .. } = handler;
    let later = triggers.iter().enumerate().skip(1);
    let checks = later.map(|(which, triggered)| {
        let span = triggered.span;
        let check_trigger = root.private("check_trigger", span);
        let companion = root.private("Companion", span);
        let name = Ident::new("__Companion", span.resolved_at(Span::mixed_site()));
        quote_spanned!(span=> const _: () = #check_trigger(<#name as #companion>::METAS, #which);)
    });
    checks.collect()
}

/// That each argument has something to come from, where that is in doubt.
fn argument_checks(handler: &Handler) -> TokenStream {
    let Handler {
        root,
        arguments,
        triggers,
        ..
    } = handler;
    let mut checks = TokenStream::new();
    for (which, triggered) in triggers.iter().enumerate() {
        for (at, ty) in arguments.iter().enumerate() {
            if !triggered.may_lack_source(arguments, at) {
                continue;
            }
            let [first, last] = ends(ty);
            let check_argument = root.private("check_argument", first);
            let companion = root.private("Companion", first);
            let name = Ident::new("__Companion", first.resolved_at(Span::mixed_site()));
            checks.extend(quote_spanned!(first=> const _: () = #check_argument));
            checks.extend(quote_spanned!(last=> (&<#name as #companion>::METAS[#which], #at);));
        }
    }
    checks
}

/// A call of the handler, all shown from the first to the last of these.
fn call(handler: &Handler, [first, last]: [Span; 2]) -> TokenStream {
    let name = respan(handler.name.to_token_stream(), first);
    let places = (0..handler.arguments.len()).map(|at| {
        let place = place(at, last);
        quote_spanned!(last=> #place.take())
    });
    let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#(#places),*));
    arguments.set_span(last);
    let mut call = name;
    call.extend([TokenTree::from(arguments)]);
    call
}
