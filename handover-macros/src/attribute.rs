//! The stages of an attribute, in order.

use proc_macro2::TokenStream;

use crate::diag::Sink;
use crate::item::Item;
use crate::model::Trigger;
use crate::{check, expand, parse};

/// `#[on_*]` and `#[fallback]`: gives the item back as it was, followed by its companion.
pub(crate) fn on(trigger: Trigger, keys: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let mut output = tokens.clone();
    if let Some(item) = sink.keep(Item::parse(tokens, trigger.name())) {
        check::handler(&item, trigger.name(), &mut sink);
        let handler = parse::on::parse(trigger, keys, item.head, &mut sink);
        output.extend(expand::on::expand(&handler, sink.is_clean()));
    }
    output.extend(sink.finish());
    output
}

/// `#[handoff]`: wraps the function; with a mistake in it, the item is given back as it was.
pub(crate) fn handoff(keys: TokenStream, tokens: TokenStream) -> TokenStream {
    const NAME: &str = "handoff";
    let mut sink = Sink::new();
    let mut output = tokens.clone();
    if let Some(item) = sink.keep(Item::parse(tokens, NAME)) {
        check::handler(&item, NAME, &mut sink);
        let handoff = parse::handoff::parse(keys, &mut sink);
        if sink.is_clean() {
            output = expand::handoff::expand(&item, &handoff);
        }
    }
    output.extend(sink.finish());
    output
}
