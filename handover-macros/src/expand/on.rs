//! A handler and its companion.

use std::fmt::Display;

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, Meta, ReturnType, Safety, Signature, Token, Type};

use super::{app, handoff};
use crate::check::Use;
use crate::item::{Head, Item};
use crate::model::{App, Handler, Key, KeyValue, Pace, Trigger, Triggered, Value};
use crate::paths::{Root, ends, respan};
use crate::types::without_elided;

/// A function that is called like the user's and returns the same future with a companion attached.
/// The user's own stands inside it as it was, so that what is wrong in it reads as without an
/// attribute. The `hints` stand inside as well.
pub(crate) fn expand(handler: &Handler, item: &Item, way: Use, hints: &TokenStream) -> TokenStream {
    match way {
        Use::Full => around(handler, item, &trigger_types(handler), None, hints),
        Use::Inert => {
            let attach = attach_inert(handler);
            around(handler, item, &quote!(()), Some(attach), hints)
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

/// The function around the user's own. `attach` is a function that attaches something else than the
/// companion.
fn around(
    handler: &Handler,
    item: &Item,
    triggers: &TokenStream,
    attach: Option<TokenStream>,
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
    let maybe_session = handler.maybe_session().filter(|_| attach.is_none());
    let maybe_session =
        maybe_session.map_or_else(|| quote!(()), |at| arguments[at].to_token_stream());
    let names: Vec<_> = (0..arguments.len())
        .map(|at| format_ident!("__argument_{at}", span = Span::mixed_site()))
        .collect();
    let answer = match &signature.output {
        ReturnType::Default => quote_spanned!(name.span()=> ()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let attach = attach.unwrap_or_else(|| companion(handler, &maybe_session, &arguments, &answer));
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
        #[allow(clippy::must_use_candidate)]
        #visibility #fn_token #name(#(#names: #arguments),*) -> #impl_token #handled<Triggers = #triggers, MaybeSession = #maybe_session, Output = #answer>
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
        if is_plain(ty) {
            return;
        }
        let written = without_elided(ty.to_token_stream());
        let named = format_ident!("__{}_{at}_{place}", name.unraw(), span = name.span());
        names.extend(quote! {
            #levels
            #[allow(dead_code, non_camel_case_types)]
            type #named = #written;
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
        #visibility #fn_token #name() -> impl #handled<Triggers = (), MaybeSession = (), Output = ()> {
            #own
            #attach(#nothing())
        }
    }
}

/// A function that can be listed in place of one that rustc has reported, if what stands before its
/// arguments can be read.
pub(crate) fn in_place_of(head: TokenStream, item: TokenStream, root: &Root) -> TokenStream {
    let span = Span::mixed_site();
    let mut head = head;
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
    let [handled, attach, inert, nothing] =
        ["Handled", "attach", "Inert", "nothing"].map(|name| root.private(name, span));
    quote! {
        #[allow(dead_code)]
        #visibility #fn_token #ident() -> impl #handled<Triggers = (), MaybeSession = (), Output = ()> {
            #attach::<#inert, _>(#nothing())
        }
    }
}

/// The companion, and what attaches it. The checks in it point at the user's own tokens.
fn companion(
    handler: &Handler,
    maybe_session: &TokenStream,
    named: &[&Type],
    answer: &TokenStream,
) -> TokenStream {
    let Handler { root, .. } = handler;
    let span = Span::mixed_site();
    let [companion, attach, meta] =
        ["Companion", "attach", "Meta"].map(|name| root.private(name, span));
    let triggers = trigger_types(handler);
    let metas = handler.triggers.iter().map(|one| {
        let checks = checks(handler, one, answer, named);
        let facts = meta_of(handler, one, named);
        quote!({ #checks #facts })
    });
    let mut arguments = argument_checks(handler);
    arguments.extend(failure_check(handler));
    let reachable = trigger_checks(handler);
    quote! {
        {
            enum __Companion {}
            impl #companion for __Companion {
                type Triggers = #triggers;
                type MaybeSession = #maybe_session;
                const METAS: &'static [#meta] = &[#(#metas),*];
            }
            #arguments
            #reachable
            #attach::<__Companion, _>
        }
    }
}

fn meta_of(handler: &Handler, triggered: &Triggered, named: &[&Type]) -> TokenStream {
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
    let named = named.iter().enumerate();
    let arguments = named.map(|(at, ty)| argument(handler, triggered.trigger.marker(), at, ty));
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

/// What the argument asks of the event. That it can be extracted is checked here, in the type's place.
fn argument(handler: &Handler, marker: &str, at: usize, named: &Type) -> TokenStream {
    let [first, last] = ends(&handler.arguments[at]);
    let from_event = handler.root.private("FromEvent", first);
    let marker = handler.root.private(marker, first);
    associated(
        named,
        &quote!(#from_event<#marker>),
        "ARGUMENT",
        [first, last],
    )
}

/// Code that never runs. The types of the arguments are found out by the compiler and written down
/// nowhere, so that one that does not exist is reported once, where it stands.
fn checks(
    handler: &Handler,
    triggered: &Triggered,
    answer: &TokenStream,
    named: &[&Type],
) -> TokenStream {
    let marker = triggered.trigger.marker();
    let answer = answer_check(handler, marker, answer);
    let handoff = handoff_check(handler, marker);
    let future = future_check(handler, marker, named);
    quote! {
        #[allow(unreachable_code)]
        let _ = || {
            // What is never reached is type-checked, but not borrow-checked: half the time.
            return;
            #answer
            #handoff
            #future
        };
    }
}

/// That the answer is an outcome. `ty` is its name.
fn answer_check(handler: &Handler, marker: &str, ty: &TokenStream) -> Option<TokenStream> {
    let Handler { root, answer, .. } = handler;
    let [first, last] = ends(answer.as_ref()?);
    // Whether the thread is the bot's is then asked of the handoff, once.
    let marker = if handler.handoff.is_some() {
        Trigger::Message.marker()
    } else {
        marker
    };
    let marker = root.private(marker, first);
    let into_outcome = root.private("IntoOutcome", first);
    let asked = associated(
        ty,
        &quote!(#into_outcome<#marker>),
        "into_outcome",
        [first, last],
    );
    Some(quote_spanned!(first=> let _ = #asked;))
}

/// `<Type as Trait>::NAME`, which rustc shows from the first to the last of these.
fn associated(
    ty: impl ToTokens,
    of_trait: &TokenStream,
    name: &str,
    [first, last]: [Span; 2],
) -> TokenStream {
    let name = Ident::new(name, last);
    let mut path = quote_spanned!(first=> <#ty as #of_trait>);
    path.extend(quote_spanned!(last=> ::#name));
    path
}

/// That the future can be moved between threads, unless an argument that is wrong keeps it from that.
fn future_check(handler: &Handler, marker: &str, named: &[&Type]) -> TokenStream {
    let Handler {
        root,
        name,
        arguments,
        ..
    } = handler;
    let span = name.span();
    let future = if arguments.is_empty() {
        name.to_token_stream()
    } else {
        let call = call(handler, span);
        quote_spanned!(span=> || #call)
    };
    if arguments.iter().all(is_plain) {
        let check = root.private("check_future", span);
        return quote_spanned!(span=> #check(#future););
    }
    let marker = root.private(marker, span);
    let [future_check, if_extracted, otherwise] =
        ["FutureCheck", "IfExtracted", "Otherwise"].map(|name| root.private(name, span));
    quote_spanned! {span=>
        #[allow(unused_imports)]
        use #if_extracted as _;
        #[allow(unused_imports)]
        use #otherwise as _;
        (&&#future_check::<#marker, (#(#named,)*), _>::of(#future)).check();
    }
}

/// Whether the type is one that is surely there, and can be moved between threads.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "Attachments",
        "Captures",
        "Outcome",
        "Sender",
        "String",
        "Text",
        "Thread",
        "Timers",
    ];
    match ty {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| PLAIN.iter().any(|plain| name == plain)),
        Type::Reference(_) => ty.to_token_stream().to_string() == "& 'static str",
        _ => false,
    }
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

/// That a handler with `on = "error"` can fail.
fn failure_check(handler: &Handler) -> Option<TokenStream> {
    let Handler { root, triggers, .. } = handler;
    let shown = handler.handoff.as_ref()?.on_error?;
    let marker = root.private(triggers.first()?.trigger.marker(), shown);
    let [placeholder, check] =
        ["Placeholder", "check_can_fail"].map(|name| root.private(name, shown));
    let call = call(handler, shown);
    Some(quote_spanned! {shown=>
        const _: () = {
            let __answer = #placeholder::<#marker, _>::new();
            let _ = || __answer.is_answer_of(#call);
            #check(&__answer)
        };
    })
}

/// A call of the handler that never runs, all shown there.
fn call(handler: &Handler, shown: Span) -> TokenStream {
    let name = respan(handler.name.to_token_stream(), shown);
    let placeholders = handler.arguments.iter().map(|_| quote!(loop {}));
    quote_spanned!(shown=> #name(#(#placeholders),*))
}
