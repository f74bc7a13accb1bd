//! The keys of a trigger, and the head of the function.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Expr, ExprLit, FnArg, Lit, LitStr, Meta, ReturnType};

use crate::diag::{Sink, error_at};
use crate::item::Head;
use crate::keys::Keys;
use crate::model::{FIELDS, Handler, KeyName, KeyValue, TriggerName, TriggerSpec, Value};
use crate::parse::{handoff, pace, pattern, regex};
use crate::paths::Root;

/// Which apps a thread can come from or go to by name.
const APPS: &[&str] = &["page_inbox", "instagram_inbox"];

/// An attribute with a trigger.
pub(crate) struct TriggerAttribute {
    pub(crate) trigger: TriggerName,
    pub(crate) keys: TokenStream,
    pub(crate) span: Span,
}

/// The handler that this head and the keys of these attributes describe.
pub(crate) fn parse(
    triggers: Vec<TriggerAttribute>,
    handoff: Option<(TokenStream, Span)>,
    head: &Head,
    sink: &mut Sink,
) -> Handler {
    let mut root = None;
    let triggers = triggers.into_iter().map(|attributed| {
        let TriggerAttribute {
            trigger,
            keys,
            span,
        } = attributed;
        let known: Vec<_> = trigger.keys().map(KeyName::name).collect();
        let keys = Keys::parse(keys, trigger.name(), &known, sink);
        if let Some(path) = keys.path("crate", sink) {
            root.get_or_insert(path);
        }
        TriggerSpec {
            trigger,
            filter: filter(trigger, &keys, sink),
            span,
        }
    });
    let triggers = triggers.collect();
    let handoff = handoff.map(|(keys, at)| handoff::parse(keys, at, head, sink));
    let root = root.map_or_else(
        || {
            handoff
                .as_ref()
                .map(|one| one.root.clone())
                .unwrap_or_default()
        },
        |path| Root::new(Some(&path)),
    );
    let signature = &head.signature;
    let arguments = signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some((*argument.ty).clone()),
            FnArg::Receiver(_) => None,
        });
    Handler {
        root,
        name: signature.ident.clone(),
        arguments: arguments.collect(),
        answer: match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some((**ty).clone()),
        },
        doc: doc(&head.attributes),
        triggers,
        handoff,
    }
}

fn filter(trigger: TriggerName, keys: &Keys, sink: &mut Sink) -> Vec<(KeyName, Value)> {
    for other in ["words", "regex"] {
        if let (true, Some(value)) = (keys.has("text"), keys.expression(other)) {
            sink.push(error_at!(
                value,
                "`text` already says the whole text; use either `text` or `{other}`"
            ));
        }
    }
    let given = trigger.keys().filter(|key| keys.has(key.name()));
    given
        .filter_map(|key| Some((key, value(trigger, key, keys, sink)?)))
        .collect()
}

/// `None` after a mistake, which is in the sink then.
fn value(trigger: TriggerName, key: KeyName, keys: &Keys, sink: &mut Sink) -> Option<Value> {
    let name = key.name();
    Some(match key.value() {
        KeyValue::Strings(known) => {
            let strings = keys.strings(name, known, sink);
            for one in strings.iter().filter(|_| known.is_empty()) {
                sink.ok_or_push(pattern::none(name, one));
            }
            Value::Strings(strings)
        }
        KeyValue::Words => {
            let words = keys.strings(name, &[], sink);
            for one in &words {
                sink.ok_or_push(pattern::none(name, one));
            }
            for one in words.iter().filter(|one| one.value().trim().is_empty()) {
                sink.push(error_at!(
                    one,
                    "`{name}` is blank: write a word, or several that follow each other"
                ));
            }
            Value::Strings(words)
        }
        KeyValue::Names(known) => {
            let known = match (trigger, key) {
                (TriggerName::Reaction, KeyName::Action) => &["react", "unreact"][..],
                (TriggerName::PolicyEnforcement, KeyName::Action) => {
                    &["block", "unblock", "warning"]
                }
                _ => known,
            };
            // A field's name is no misspelt event's.
            let is_field = |given: &str| {
                matches!(key, KeyName::Name | KeyName::Kind)
                    && FIELDS.iter().any(|(field, _)| *field == given)
            };
            let names = keys.names(name, known, is_field, sink);
            for one in &names {
                sink.ok_or_push(names_of_others(trigger, key, one));
            }
            Value::Strings(names)
        }
        KeyValue::Regex => {
            let regex = keys.string(name, sink)?;
            sink.ok_or_push(regex::check(&regex));
            Value::Strings(vec![regex])
        }
        KeyValue::Patterns => {
            let patterns = keys.strings(name, &[], sink);
            for one in &patterns {
                sink.ok_or_push(pattern::check(one));
            }
            Value::Strings(patterns)
        }
        KeyValue::App => Value::App(keys.app(name, APPS, sink)?),
        KeyValue::Predicate => Value::Predicate(keys.path(name, sink)?),
        KeyValue::Pace => {
            let pace = keys.string(name, sink)?;
            Value::Pace(sink.ok_or_push(pace::parse(&pace))?)
        }
        KeyValue::Switch => Value::Switch(keys.switch(name, sink)?),
    })
}

/// The text of the doc comments.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(line),
                    ..
                }) => Some(line.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// Names that the platform uses for something else.
fn names_of_others(trigger: TriggerName, key: KeyName, name: &LitStr) -> syn::Result<()> {
    let given = name.value();
    if key == KeyName::Action {
        let (others, those) = match trigger {
            TriggerName::Reaction => (["block", "unblock", "warning"], "\"react\" and \"unreact\""),
            _ => (
                ["react", "unreact", "unreact"],
                "\"block\", \"unblock\" and \"warning\"",
            ),
        };
        if others.contains(&given.as_str()) {
            return Err(error_at!(
                name,
                "`{given}` is an action of another event: here there are {those}"
            ));
        }
    }
    if matches!(key, KeyName::Name | KeyName::Kind)
        && let Some((_, event)) = FIELDS.iter().find(|(field, _)| *field == given)
    {
        return Err(error_at!(
            name,
            "`{given}` is a field that an app subscribes to; the event is called `{event}`"
        ));
    }
    Ok(())
}
