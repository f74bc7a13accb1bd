//! What is asked of a handler's function, at the user's own tokens.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type};

use super::app;
use crate::model::{Handler, TriggerName, TriggerSpec};
use crate::paths::{Root, first_and_last_span, respan};

/// What the trigger asks of the function, apart from its arguments.
pub(super) fn of_answer(
    handler: &Handler,
    triggered: &TriggerSpec,
    answer: &TokenStream,
) -> TokenStream {
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

/// What the argument asks of the event. That it can be extracted is checked here, in the type's place.
pub(super) fn argument(handler: &Handler, marker: &str, at: usize, named: &Type) -> TokenStream {
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

/// What is asked beside the companion: constants that do not compile otherwise.
pub(super) fn of_companion(handler: &Handler, companion: &Ident) -> TokenStream {
    let mut checks = argument_checks(handler, companion);
    checks.extend(failure_check(handler));
    checks.extend(trigger_checks(handler, companion));
    checks
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
