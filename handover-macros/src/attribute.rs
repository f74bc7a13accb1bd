//! The stages of an attribute, in order.

use proc_macro2::TokenStream;

use crate::diag::Sink;
use crate::item::Item;
use crate::model::Trigger;
use crate::{check, expand, ide, parse};

/// `#[on_*]` and `#[fallback]`: gives the item back as it was, followed by its companion.
pub(crate) fn on(trigger: Trigger, keys: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let mut output = tokens.clone();
    if let Some(item) = sink.keep(Item::parse(tokens, trigger.name())) {
        check::handler(&item, &mut sink);
        let has_companion = check::can_have_companion(&item.head, &mut sink);
        let handler = parse::on::parse(trigger, keys.clone(), item.head, &mut sink);
        check::requester(&handler, &mut sink);
        if has_companion {
            output.extend(expand::on::expand(&handler, sink.is_clean()));
            output.extend(ide::hints(trigger.name(), keys, &handler.root));
        }
    }
    output.extend(sink.finish());
    output
}

/// `#[handoff]`: wraps the function, also if a key is wrong. What is no handler is given back as it
/// was.
pub(crate) fn handoff(keys: TokenStream, tokens: TokenStream) -> TokenStream {
    const NAME: &str = "handoff";
    let mut sink = Sink::new();
    let mut output = tokens.clone();
    if let Some(item) = sink.keep(Item::parse(tokens, NAME)) {
        check::handler(&item, &mut sink);
        let is_handler = sink.is_clean();
        check::one_handoff(&item.head.attributes, &mut sink);
        let handoff = parse::handoff::parse(keys.clone(), &mut sink);
        if is_handler {
            let hints = ide::hints(NAME, keys, &handoff.root);
            output = expand::handoff::expand(&item, &handoff, &hints);
        }
    }
    output.extend(sink.finish());
    output
}
