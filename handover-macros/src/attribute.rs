//! The stages of an attribute, in order.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::check::Use;
use crate::diag::Sink;
use crate::item::{AnnotatedItem, Item};
use crate::keys::{self, Keys};
use crate::model::TriggerName;
use crate::parse::on::TriggerAttribute;
use crate::paths::Root;
use crate::{check, expand, ide, parse};

/// `#[on_*]` and `#[fallback]`: wraps the function in one that carries the companion.
pub(crate) fn on(trigger: TriggerName, keys: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut sink = Sink::new();
    let mut item = match Item::parse(tokens.clone(), trigger.name()) {
        AnnotatedItem::Function(item) => *item,
        AnnotatedItem::Broken(head) => return expand::on::in_place_of(head, tokens, &root(&keys)),
        AnnotatedItem::Other(error) => return given_back(tokens, error),
    };
    let (keys, is_last) = keys::without_mark(keys);
    if !is_last && check::has_others(&item.head.attributes) {
        return last(trigger.name(), &keys, item);
    }
    if let Some(output) = by_cfg(trigger.name(), &keys, &item) {
        return output;
    }
    let way = check::handler(&item, &mut sink);
    let mut triggers = vec![TriggerAttribute {
        trigger,
        keys: keys.clone(),
        span: Span::call_site(),
    }];
    triggers.extend(check::other_triggers(&mut item, &mut sink));
    let handoff = check::handoff(&mut item, &mut sink);
    let mut hints = TokenStream::new();
    let root = root(&keys);
    for one in &triggers {
        hints.extend(ide::hints(one.trigger.name(), one.keys.clone(), &root));
    }
    if let Some((keys, _)) = &handoff {
        hints.extend(ide::hints("handoff", keys.clone(), &root));
    }
    let handler = parse::on::parse(triggers, handoff, &item.head, &mut sink);
    check::requester(&handler, &mut sink);
    // `#[on_message = "hi"]`, which rustc has reported: nothing to add, and nothing to run.
    let way = if is_key_value() && way == Use::Full {
        sink = Sink::new();
        Use::Inert
    } else if sink.is_clean() || way != Use::Full {
        way
    } else {
        Use::Inert
    };
    let mut output = expand::on::expand(&handler, &item, way, &hints);
    output.extend(sink.finish());
    output
}

/// `#[handoff]`: wraps the function, also if a key is wrong. What is no handler is given back as it
/// was.
pub(crate) fn handoff(keys: TokenStream, tokens: TokenStream) -> TokenStream {
    const NAME: &str = "handoff";
    let mut sink = Sink::new();
    let item = match Item::parse(tokens.clone(), NAME) {
        AnnotatedItem::Function(item) => *item,
        AnnotatedItem::Broken(_) => return tokens,
        AnnotatedItem::Other(error) => return given_back(tokens, error),
    };
    let (keys, is_last) = keys::without_mark(keys);
    if !is_last && check::has_others_or_triggers(&item.head.attributes) {
        return last(NAME, &keys, item);
    }
    if let Some(output) = by_cfg(NAME, &keys, &item) {
        return output;
    }
    let way = check::function(&item, &mut sink);
    let is_handler = sink.is_clean() && way == Use::Full;
    check::one_handoff(&item.head.attributes, &mut sink);
    let handoff = parse::handoff::parse(keys.clone(), Span::call_site(), &item.head, &mut sink);
    let mut output = if is_handler {
        let hints = ide::hints(NAME, keys, &handoff.root);
        expand::handoff::expand(&item, &handoff, &hints)
    } else {
        tokens
    };
    output.extend(sink.finish());
    output
}

/// Whether the attribute that is expanded is written with `=` after its name.
fn is_key_value() -> bool {
    let text = Span::call_site().source_text().unwrap_or_default();
    let text = text.strip_prefix("#[").unwrap_or_default();
    let after_name = text.trim_start_matches(|letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || matches!(letter, '_' | ':')
    });
    after_name.starts_with('=')
}

/// The item as it was, and what is wrong with it.
fn given_back(mut item: TokenStream, error: syn::Error) -> TokenStream {
    item.extend(error.into_compile_error());
    item
}

/// The function with this attribute as the last of all: what others make of the function comes first.
fn last(name: &str, keys: &TokenStream, mut item: Item) -> TokenStream {
    let attribute = root(keys).attribute(name);
    item.head
        .attributes
        .push(syn::parse_quote!(#[#attribute(@ #keys)]));
    quote!(#item)
}

/// Where an argument has a `#[cfg]`: the function with it and the one without it.
fn by_cfg(name: &str, keys: &TokenStream, item: &Item) -> Option<TokenStream> {
    let (condition, with, without) = item.split_by_cfg()?;
    let attribute = root(keys).attribute(name);
    Some(quote! {
        #[cfg(all(#condition))]
        #[#attribute(#keys)]
        #with
        #[cfg(not(all(#condition)))]
        #[#attribute(#keys)]
        #without
    })
}

fn root(keys: &TokenStream) -> Root {
    Root::new(Keys::find_path(keys.clone(), "crate").as_ref())
}
