//! Whatever an attribute is given, it gives the item back and never panics.

#![allow(clippy::panic, reason = "a panic is what the fuzzer looks for")]

#[cfg(test)]
mod random;
// Not as a dependency: those of a crate of macros are built for the compiler, and so a second time.
#[cfg(test)]
#[path = "../../../tests/testkit/src/fuzz.rs"]
#[allow(unreachable_pub, reason = "it is the testkit's")]
mod testkit;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use crate::model::TriggerName;
use crate::{attribute, expand, parse};

/// What a fuzzer runs with any bytes: the name of an attribute in the first line, its keys in the second,
/// and the item in the others. For `regex` and `payload`, the second line is the text itself.
pub(crate) fn macros(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(3, '\n');
    let name = lines.next().unwrap_or_default();
    let keys = lines.next().unwrap_or_default();
    match name {
        "regex" => return regex(keys),
        "payload" => return payload(keys),
        _ => {}
    }
    // Where rustc finds no tokens, it calls no macro.
    let (Ok(keys), Ok(item)) = (keys.parse(), lines.next().unwrap_or_default().parse()) else {
        return;
    };
    attribute(name, keys, item);
}

fn attribute(name: &str, keys: TokenStream, item: TokenStream) {
    match name {
        "handoff" => {
            let output = attribute::handoff(keys, item.clone());
            assert!(is_kept(&item, &output), "{output}");
        }
        "routes" => {
            let output = parse::whole(item, expand::routes::expand);
            let is_expression = syn::parse2::<syn::Expr>(output.clone()).is_ok();
            assert!(is_expression || are_items(output));
        }
        "BotState" => derived(&parse::whole(item, expand::state::expand)),
        "FromPayload" => derived(&parse::whole(item, expand::payload::expand)),
        "Signal" => derived(&parse::whole(item, expand::signal::expand)),
        name => {
            let known = TriggerName::ALL.iter().find(|known| known.name() == name);
            let trigger = known.copied().unwrap_or(TriggerName::Message);
            let output = attribute::on(trigger, keys, item.clone());
            assert!(is_kept(&item, &output), "{output}");
        }
    }
}

fn derived(output: &TokenStream) {
    assert!(are_items(output.clone()), "{output}");
}

/// What the attribute refuses, the regex crate refuses, too.
fn regex(text: &str) {
    let output = attribute::on(
        TriggerName::Message,
        quote!(regex = #text),
        quote!(
            async fn greet() {}
        ),
    );
    let is_refused = output
        .to_string()
        .contains("this is not a regular expression");
    assert!(!is_refused || regex::Regex::new(text).is_err(), "{text:?}");
}

/// A pattern that the attribute accepts is a list of names and what is between them.
fn payload(text: &str) {
    let output = attribute::on(
        TriggerName::Postback,
        quote!(payload = #text),
        quote!(
            async fn order() {}
        ),
    );
    let is_refused = output.to_string().contains("compile_error");
    let without_doubled = text.replace("{{", "").replace("}}", "");
    let opened = without_doubled.matches('{').count();
    let closed = without_doubled.matches('}').count();
    assert!(is_refused || opened == closed, "{text:?}");
}

/// What follows these tokens; `None` if something else comes first.
fn after(start: &TokenStream, output: &TokenStream) -> Option<TokenStream> {
    let mut output = output.clone().into_iter();
    for token in start.clone() {
        if output.next()?.to_string() != token.to_string() {
            return None;
        }
    }
    Some(output.collect())
}

/// Whether the item is given back as it was, with items after it, or its body is in a function, or
/// a mistake in the function is reported in place of what rustc would say about it, or one that rustc
/// has reported leaves only a name.
pub(super) fn is_kept(item: &TokenStream, output: &TokenStream) -> bool {
    let is_given_back = after(item, output).is_some_and(are_items);
    let body = item.clone().into_iter().last();
    let body = body.map(|body| body.to_string());
    let is_inside = body.as_ref().is_some_and(|body| contains(output, body));
    let is_reported = ["compile_error", "Inert"]
        .iter()
        .any(|word| output.to_string().contains(word));
    // The body may contain anything, and rustc reads types that syn does not.
    let body = body.unwrap_or_default();
    let is_readable = are_items(without(item, &body));
    let around = without(output, &body);
    is_given_back || ((are_items(around) || !is_readable) && (is_inside || is_reported))
}

/// These tokens with nothing in the group that reads like this.
fn without(tokens: &TokenStream, body: &str) -> TokenStream {
    let tokens = tokens.clone().into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let is_body = group.delimiter() == Delimiter::Brace && group.to_string() == body;
            let inside = if is_body {
                TokenStream::new()
            } else {
                without(&group.stream(), body)
            };
            TokenTree::from(Group::new(group.delimiter(), inside))
        }
        token => token,
    });
    tokens.collect()
}

fn contains(tokens: &TokenStream, wanted: &str) -> bool {
    tokens.clone().into_iter().any(|token| {
        token.to_string() == wanted
            || matches!(&token, TokenTree::Group(group) if contains(&group.stream(), wanted))
    })
}

pub(super) fn are_items(tokens: TokenStream) -> bool {
    syn::parse2::<syn::File>(tokens).is_ok()
}

#[cfg(test)]
mod tests {
    /// What rustc would say about it is for rustc to say.
    #[test]
    fn a_type_that_syn_does_not_read_stays_as_it_is() {
        super::macros(b"on_message\n\nasync fn agent() -> self<String, Error> { text.into() }");
    }

    /// A comment is no part of a name, though the parser leaves it out.
    #[test]
    fn a_pattern_has_no_comments() {
        super::macros(b"payload\nORDER:{shop//{{{id}}}");
        super::macros(b"payload\nORDER:{shop/*{*/}");
    }

    #[test]
    fn macros() {
        super::testkit::fuzz("macros", super::macros);
    }
}
