//! The keys of `#[handoff]`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, FnArg, LitStr};

use crate::diag::{Sink, error_at};
use crate::item::Head;
use crate::keys::Keys;
use crate::model::{AppValue, HandoffSpec};
use crate::parse::duration;
use crate::paths::Root;

pub(crate) const KEYS: &[&str] = &[
    "to",
    "metadata",
    "say",
    "reclaim_after",
    "unclaimed_after",
    "idle_after",
    "when",
    "on",
];
/// Names of handoff targets.
const APPS: &[&str] = &["page_inbox", "instagram_inbox", "default_app", "requester"];

/// The handoff that the keys of the attribute `at` there describe; without `to`, to the account's inbox.
pub(crate) fn parse(keys: TokenStream, at: Span, head: &Head, sink: &mut Sink) -> HandoffSpec {
    let keys = Keys::parse(keys, "handoff", KEYS, sink);
    let to = keys.app("to", APPS, sink);
    let on = keys.string("on", sink);
    let on_error = match on.as_ref().map(LitStr::value).as_deref() {
        Some("error") => true,
        None | Some("ok") => false,
        Some(other) => {
            sink.push(error_at!(&on, "`on` is \"ok\" or \"error\", not {other:?}"));
            false
        }
    };
    let mut time = |key| {
        let time = keys.string(key, sink)?;
        sink.ok_or_push(duration::seconds(&time))
    };
    let reclaim_after = time("reclaim_after");
    let unclaimed_after = time("unclaimed_after");
    let idle_after = time("idle_after");
    if let (Some(reclaim), Some(unclaimed)) = (reclaim_after, unclaimed_after)
        && unclaimed > reclaim
    {
        sink.push(error_at!(
            keys.expression("unclaimed_after"),
            "by then `reclaim_after` has taken the thread back: write a shorter time, or leave it out"
        ));
    }
    if let (true, Some(when)) = (on_error, keys.expression("when")) {
        sink.push(error_at!(
            when,
            "`when` asks about the handler's answer, and with `on = \"error\"` there is none"
        ));
    }
    let mut value = |key| {
        let value = keys.expression(key)?;
        sink.ok_or_push(no_argument(key, value, head))?;
        Some(value.clone())
    };
    let metadata = value("metadata");
    let say = value("say");
    HandoffSpec {
        root: Root::new(keys.path("crate", sink).as_ref()),
        to: to.unwrap_or(AppValue::WellKnown("PageInbox", at)),
        metadata,
        say,
        when: keys.path("when", sink),
        reclaim_after,
        unclaimed_after,
        idle_after,
        on_error: on.filter(|_| on_error).map(|on| on.span()),
    }
}

/// The arguments belong to the handler, and are gone when the handoff is made.
fn no_argument(key: &str, value: &Expr, head: &Head) -> syn::Result<()> {
    let mut names = Vec::new();
    for argument in &head.signature.inputs {
        if let FnArg::Typed(argument) = argument {
            bound(argument.pat.to_token_stream(), &mut names);
        }
    }
    let Some(name) = mentioned(value.to_token_stream(), &names) else {
        return Ok(());
    };
    let instead = match key {
        "say" => format!("Handoff::saying(format!(\"… {{{name}}}\"))"),
        _ => format!("Handoff::silently().metadata({name})"),
    };
    Err(error_at!(
        &name,
        "`{name}` is an argument of the handler, which `{key}` cannot see: return `{instead}` from the handler"
    ))
}

/// The names that a pattern binds: those in lower case.
fn bound(pattern: TokenStream, names: &mut Vec<String>) {
    for token in pattern {
        match token {
            TokenTree::Group(group) => bound(group.stream(), names),
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let is_word = ["mut", "ref", "_", "self"].contains(&&*name);
                if !is_word && name.starts_with(char::is_lowercase) {
                    names.push(name);
                }
            }
            _ => {}
        }
    }
}

/// The first use of one of these variables, unless the value may have a variable of that name itself.
fn mentioned(value: TokenStream, names: &[String]) -> Option<Ident> {
    let tokens: Vec<_> = value.into_iter().collect();
    let mark = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
        _ => None,
    };
    if tokens
        .iter()
        .any(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '|'))
    {
        return None;
    }
    if tokens.iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "let" || word == "match" || word == "for")) {
        return None;
    }
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                if let Some(found) = mentioned(group.stream(), names) {
                    return Some(found);
                }
            }
            TokenTree::Ident(word) if names.contains(&word.to_string()) => {
                let before = mark(at.checked_sub(1));
                let after = mark(Some(at + 1));
                let is_called = matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::Bracket);
                let is_part =
                    matches!(before, Some('.' | ':' | '\'')) || matches!(after, Some(':' | '!'));
                if !is_called && !is_part {
                    return Some(word.clone());
                }
            }
            _ => {}
        }
    }
    None
}
