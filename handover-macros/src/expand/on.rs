//! A handler and its companion.

use std::fmt::Display;

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, Meta, ReturnType, Safety, Signature, Token, Type, Visibility};

use super::{app, handoff, unnamed};
use crate::check::Use;
use crate::ide;
use crate::item::{Head, Item};
use crate::model::{
    AppValue, Handler, KeyName, KeyValue, PaceValue, TriggerName, TriggerSpec, Value,
};
use crate::paths::{Root, first_and_last_span, respan};
use crate::types::without_elided;

/// A function that is called like the user's and returns a boxed future whose type names the
/// companion. The user's own stands inside it as it was, so that what is wrong in it reads as without
/// an attribute. The `hints` stand inside as well.
pub(crate) fn expand(handler: &Handler, item: &Item, way: Use, hints: &TokenStream) -> TokenStream {
    match way {
        Use::Full => around(handler, item, hints, false),
        Use::Inert => around(handler, item, hints, true),
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
        let implementation = implementation(
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

/// The names of what stands beside a handler.
struct Names<'a> {
    name: &'a Ident,
    /// What the function says about lints, and when it is there at all.
    attributes: TokenStream,
    visibility: &'a Visibility,
    /// Two functions of one name are one mistake, not several.
    place: String,
}

impl<'a> Names<'a> {
    fn of(handler: &'a Handler, item: &'a Item) -> Self {
        let name = &handler.name;
        let place: String = [name.span(), Span::call_site()]
            .map(|span| format!("{span:?}"))
            .concat();
        let place: Vec<_> = place
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .collect();
        let conditions = item.head.attributes.iter();
        let conditions = conditions.filter(|one| one.path().is_ident("cfg"));
        let levels = lint_levels(&item.head.attributes);
        Self {
            name,
            attributes: quote!(#(#conditions)* #levels),
            visibility: &item.head.visibility,
            place: place.join("_"),
        }
    }

    fn companion(&self) -> Ident {
        let Self { name, place, .. } = self;
        format_ident!("__{}_{place}", name.unraw(), span = name.span())
    }

    /// A type as public as the function, whose signature names it.
    fn declare_companion(&self, companion: &Ident) -> TokenStream {
        let Self {
            attributes,
            visibility,
            ..
        } = self;
        quote! {
            #attributes
            #[doc(hidden)]
            #[allow(dead_code, non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            #visibility enum #companion {}
        }
    }

    /// Gives each type of the signature a name, to be used instead: it is needed more than once, and
    /// written twice it would be reported twice if it is wrong. An error in it is shown as in the
    /// function.
    fn name_types(&self, signature: &mut Signature) -> TokenStream {
        let mut names = TokenStream::new();
        let mut give_name = |ty: &mut Type, at: &dyn Display| {
            if !is_plain(ty) {
                names.extend(self.name(ty, first_and_last_span(&*ty), at));
            }
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

    /// Puts a name in the type's place, which is shown from the first to the last of these.
    fn name(&self, ty: &mut Type, [first, last]: [Span; 2], at: &dyn Display) -> TokenStream {
        let Self {
            name,
            attributes,
            place,
            ..
        } = self;
        let written = without_elided(ty.to_token_stream());
        let named = format_ident!("__{}_{at}_{place}", name.unraw(), span = name.span());
        let mut instead = respan(named.to_token_stream(), first);
        // Brackets, so that it ends where the type did.
        instead.extend(quote_spanned!(last=> <>));
        *ty = Type::Verbatim(instead);
        quote! {
            #attributes
            #[allow(dead_code, non_camel_case_types)]
            type #named = #written;
        }
    }
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

/// A function that can be listed in place of one that rustc has reported, if what stands before its
/// arguments can be read.
pub(crate) fn in_place_of(head: TokenStream, item: TokenStream, root: &Root) -> TokenStream {
    let span = Span::mixed_site();
    let has_name = has_name(&head);
    let mut head = head;
    head.extend(quote!(()));
    let Ok(Head {
        visibility,
        signature,
        ..
    }) = syn::parse2(head)
    else {
        if !has_name {
            unnamed::note();
        }
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

/// Whether an identifier stands between `fn` and the arguments.
fn has_name(head: &TokenStream) -> bool {
    let after_fn = head
        .clone()
        .into_iter()
        .skip_while(|token| !matches!(token, TokenTree::Ident(word) if word == "fn"))
        .skip(1);
    syn::parse2::<Ident>(after_fn.collect()).is_ok()
}

/// What the companion knows and does. The checks in it point at the user's own tokens.
fn implementation(
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
        let checks = checks(handler, one, plain_answer);
        let facts = meta_of(handler, one, arguments);
        if checks.is_empty() {
            facts
        } else {
            quote!({ #checks #facts })
        }
    });
    let mut checks = argument_checks(handler, companion);
    checks.extend(failure_check(handler));
    checks.extend(trigger_checks(handler, companion));
    let future = future(handler, arguments, variables);
    let called = match &handler.handoff {
        Some(handoff) => handoff::mapped(handoff, root, &future),
        None => future,
    };
    quote! {
        // The type stands outside of the function, whose signature names it.
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
    let arguments = named.map(|(at, ty)| argument(handler, triggered.trigger.marker(), at, ty));
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

/// What the argument asks of the event. That it can be extracted is checked here, in the type's place.
fn argument(handler: &Handler, marker: &str, at: usize, named: &Type) -> TokenStream {
    let [first, last] = first_and_last_span(&handler.arguments[at]);
    let from_event = handler.root.private("FromEvent", first);
    let marker = handler.root.private(marker, first);
    associated(
        named,
        &quote!(#from_event<#marker>),
        "ARGUMENT",
        [first, last],
    )
}

/// What the trigger asks of the function, apart from its arguments.
fn checks(handler: &Handler, triggered: &TriggerSpec, answer: &TokenStream) -> TokenStream {
    let marker = triggered.trigger.marker();
    let answer = answer_check(handler, marker, answer);
    let handoff = handoff_check(handler, marker);
    quote!(#answer #handoff)
}

/// That the answer is an outcome. `ty` is its name.
fn answer_check(handler: &Handler, marker: &str, ty: &TokenStream) -> Option<TokenStream> {
    let Handler { answer, .. } = handler;
    let root = &handler.root;
    let [first, last] = first_and_last_span(answer.as_ref()?);
    // Whether the thread is the bot's is then asked of the handoff, once.
    let marker = if handler.handoff.is_some() {
        TriggerName::Message.marker()
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

/// The future of the user's own function. That it can be moved between threads is checked here, unless
/// an argument that is wrong keeps it from that.
fn future(handler: &Handler, named: &[&Type], variables: &[Ident]) -> TokenStream {
    let Handler {
        name, arguments, ..
    } = handler;
    let root = &handler.root;
    let shown = name.span();
    let name = respan(name.to_token_stream(), shown);
    let variables = variables
        .iter()
        .map(|one| respan(one.to_token_stream(), shown));
    let call = quote_spanned!(shown=> #name(#(#variables),*));
    if arguments.iter().all(is_plain) {
        let boxed = root.private("boxed", shown);
        return quote_spanned!(shown=> #boxed(#call));
    }
    // One is enough: an argument that is there for one trigger can be moved.
    let marker = handler
        .triggers
        .first()
        .map(|one| root.private(one.trigger.marker(), shown));
    let [boxing, otherwise] = ["Boxing", "Otherwise"].map(|name| root.private(name, shown));
    quote_spanned! {shown=>
        #[allow(unused_imports)]
        use #otherwise as _;
        #boxing::<#marker, (#(#named,)*)>::NEW.boxed(#call)
    }
}

/// Whether the type is one that is surely there, and can be moved between threads.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "Attachments",
        "Burst",
        "Captures",
        "Event",
        "Failure",
        "Graph",
        "Outcome",
        "Payload",
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
    let [first, last] = first_and_last_span(target);
    let owns_thread = handler.root.private("OwnsThread", first);
    let marker = handler.root.private(marker, first);
    let checked = Ident::new("CHECKED", last);
    let mut check = quote_spanned!(first=> let () = <#marker as #owns_thread>);
    check.extend(quote_spanned!(last=> ::#checked;));
    Some(check)
}

/// That no trigger is covered by one above it.
fn trigger_checks(handler: &Handler, companion: &Ident) -> TokenStream {
    let Handler { triggers, .. } = handler;
    let root = &handler.root;
    let later = triggers.iter().enumerate().skip(1);
    let checks = later.map(|(which, triggered)| {
        let span = triggered.span;
        let check_trigger = root.private("check_trigger", span);
        let metas = metas(root, companion, [span, span]);
        quote_spanned!(span=> const _: () = #check_trigger(#metas, #which);)
    });
    checks.collect()
}

/// The facts that the companion has.
fn metas(root: &Root, companion: &Ident, first_and_last_span: [Span; 2]) -> TokenStream {
    let [first, _] = first_and_last_span;
    let companion_trait = root.private("Companion", first);
    let companion = Ident::new(&companion.to_string(), first);
    associated(
        companion,
        &quote_spanned!(first=> #companion_trait<_, _, _>),
        "METAS",
        first_and_last_span,
    )
}

/// That each argument has something to come from, where that is in doubt.
fn argument_checks(handler: &Handler, companion: &Ident) -> TokenStream {
    let Handler {
        arguments,
        triggers,
        ..
    } = handler;
    let root = &handler.root;
    let mut checks = TokenStream::new();
    for (which, triggered) in triggers.iter().enumerate() {
        if triggered.may_lack_signal(arguments) {
            let span = handler.name.span();
            let check_signal = root.private("check_signal", span);
            let metas = metas(root, companion, [span, span]);
            checks.extend(quote_spanned!(span=> const _: () = #check_signal(&#metas[#which]);));
        }
        for (at, ty) in arguments.iter().enumerate() {
            if !triggered.may_lack_source(arguments, at) {
                continue;
            }
            let [first, last] = first_and_last_span(ty);
            let check_argument = root.private("check_argument", first);
            let metas = metas(root, companion, [first, last]);
            checks.extend(quote_spanned!(first=> const _: () = #check_argument));
            checks.extend(quote_spanned!(last=> (&#metas[#which], #at);));
        }
    }
    checks
}

/// That a handler with `on = "error"` can fail.
fn failure_check(handler: &Handler) -> Option<TokenStream> {
    let Handler { triggers, .. } = handler;
    let root = &handler.root;
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
