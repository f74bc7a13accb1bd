//! Rules for handlers. Each rule is a function; each mistake is reported at its place.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, Pat, PatType, PathArguments, ReturnType,
    Safety, Signature, Type,
};

use crate::diag::{Sink, error_at};
use crate::item::Item;
use crate::keys;
use crate::model::{AppValue, Handler, HandoffSpec, TriggerName};
use crate::parse::on::TriggerAttribute;
use crate::types::{Parts, bare, is_unsized};

/// As many as the runtime's `Handler` is implemented for.
const MOST_ARGUMENTS: usize = 12;

/// Attributes that leave a function as it is.
const HARMLESS: &[&str] = &[
    "allow",
    "cfg",
    "cfg_attr",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// What can be made of the user's function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// A handler.
    Full,
    /// A function with the same arguments and answer, which does nothing in a list.
    Inert,
    /// A function with the same name, which does nothing in a list. The user's own is still checked.
    Name,
    /// The same, if rustc would repeat an error about the user's own function.
    NameOnly,
    /// Nothing: it is part of an `impl` or a trait.
    Nothing,
}

/// All rules for a handler, in the order of the tokens they look at.
pub(crate) fn handler(item: &Item, sink: &mut Sink) -> Use {
    let way = function(item, sink);
    if way != Use::Full {
        return way;
    }
    let arguments = item
        .head
        .signature
        .inputs
        .iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => {
                no_extractor(bare(&argument.ty)).or_else(|| of_pattern(argument))
            }
            FnArg::Receiver(_) => None,
        });
    let mistakes: Vec<_> = arguments.collect();
    let way = if mistakes.is_empty() {
        Use::Full
    } else {
        Use::NameOnly
    };
    mistakes.into_iter().for_each(|mistake| sink.push(mistake));
    way
}

/// The rules for any function that an attribute puts another around.
pub(crate) fn function(item: &Item, sink: &mut Sink) -> Use {
    let signature = &item.head.signature;
    not_a_test(&item.head.attributes, sink);
    plain_function(signature, sink);
    let mut way = Use::Full;
    way = way.or(not_main(signature, sink));
    way = way.or(no_extractors_name(signature, sink));
    way = way.or(is_async(signature, sink));
    way = way.or(no_generics(signature, sink));
    way = way.or(few_arguments(signature, sink));
    for argument in &signature.inputs {
        way = way.or(match argument {
            FnArg::Receiver(receiver) => {
                sink.push(error_at!(
                    receiver,
                    "a handler is a free function and has no `self`; take what it needs as `State<T>`"
                ));
                Use::Nothing
            }
            FnArg::Typed(argument) => by_value(argument, sink),
        });
    }
    way.or(can_be_returned(signature, sink))
}

impl Use {
    /// Whichever leaves less of the function.
    fn or(self, other: Self) -> Self {
        if other as u8 > self as u8 {
            other
        } else {
            self
        }
    }
}

/// Whether other attributes may still change the function. What the trigger makes of it comes last.
pub(crate) fn has_others(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let is_test = path
            .segments
            .last()
            .is_some_and(|name| name.ident == "test");
        !is_test
            && !HARMLESS.iter().any(|name| path.is_ident(name))
            && trigger(attribute).is_none()
            && !is_handoff(attribute)
    })
}

/// The same for `#[handoff]`, which a trigger takes along.
pub(crate) fn has_others_or_triggers(attributes: &[Attribute]) -> bool {
    has_others(attributes) || attributes.iter().any(|one| trigger(one).is_some())
}

/// The other triggers of the function, in order; their attributes are taken off. Under another name one
/// is not recognised below, so it must not be above either.
pub(crate) fn other_triggers(item: &mut Item, sink: &mut Sink) -> Vec<TriggerAttribute> {
    let mut others = Vec::new();
    item.head.attributes.retain(|attribute| {
        let Some(trigger) = trigger(attribute) else {
            return true;
        };
        if keys::is_marked(attribute) {
            sink.push(syn::Error::new(
                Span::call_site(),
                format!("the function has `#[{}]` as well: several triggers go on one function under their own names only", trigger.name()),
            ));
        } else {
            others.push(TriggerAttribute {
                trigger,
                keys: keys::of(attribute),
                span: attribute.path().span(),
            });
        }
        false
    });
    others
}

/// The keys of `#[handoff]` and its span; removes the attribute.
pub(crate) fn handoff(item: &mut Item, sink: &mut Sink) -> Option<(TokenStream, Span)> {
    let (handoffs, others) = std::mem::take(&mut item.head.attributes)
        .into_iter()
        .partition::<Vec<_>, _>(is_handoff);
    item.head.attributes = others;
    let (first, other) = match &handoffs[..] {
        // What has made itself the last one was above.
        [other, first] if keys::is_marked(first) => (first, Some(other)),
        [first, others @ ..] => (first, others.first()),
        [] => return None,
    };
    if let Some(other) = other {
        sink.push(second_handoff(other.path()));
    }
    let keys = keys::without_mark(keys::of(first)).0;
    Some((keys, first.path().segments.last()?.ident.span()))
}

/// No second `#[handoff]`, for one that is on no handler.
pub(crate) fn one_handoff(attributes: &[Attribute], sink: &mut Sink) {
    if let Some(other) = attributes.iter().find(|other| is_handoff(other)) {
        if keys::is_marked(other) {
            sink.push(second_handoff(
                quote::quote_spanned!(Span::call_site()=> handoff),
            ));
        } else {
            sink.push(second_handoff(other.path()));
        }
    }
}

fn second_handoff(at: impl ToTokens) -> syn::Error {
    error_at!(
        at,
        "a thread goes to one app, and there is a `#[handoff]` above already"
    )
}

fn is_handoff(attribute: &Attribute) -> bool {
    ours(attribute, |name| name == "handoff")
}

fn trigger(attribute: &Attribute) -> Option<TriggerName> {
    let mut all = TriggerName::ALL.iter().copied();
    all.find(|trigger| ours(attribute, |name| name == trigger.name()))
}

/// Only a request for the thread has an app that asks for it.
pub(crate) fn requester(handler: &Handler, sink: &mut Sink) {
    let others = handler
        .triggers
        .iter()
        .any(|one| one.trigger != TriggerName::RequestThreadControl);
    if let Some(HandoffSpec {
        to: AppValue::WellKnown("Requester", span),
        ..
    }) = &handler.handoff
        && others
    {
        sink.push(syn::Error::new(
            *span,
            "no app requests the thread here: `requester` is for `#[on_request_thread_control]`, so name the app itself"
        ));
    }
}

/// Whether the attribute has such a name, whatever the path to it.
fn ours(attribute: &Attribute, is_one: impl Fn(&str) -> bool) -> bool {
    let name = attribute.path().segments.last();
    name.is_some_and(|name| is_one(&name.ident.to_string()))
}

fn plain_function(signature: &Signature, sink: &mut Sink) {
    let Signature {
        constness,
        safety,
        abi,
        ..
    } = signature;
    let constness = constness
        .as_ref()
        .map(|token| (token.to_token_stream(), "const"));
    let unsafety = match safety {
        Safety::Unsafe(token) => Some((token.to_token_stream(), "unsafe")),
        _ => None,
    };
    let abi = abi.as_ref().map(|abi| (abi.to_token_stream(), "extern"));
    for (tokens, word) in [constness, unsafety, abi].into_iter().flatten() {
        sink.push(error_at!(
            tokens,
            "a handler is a plain `async fn`, not `{word}`"
        ));
    }
}

fn not_main(signature: &Signature, sink: &mut Sink) -> Use {
    if signature.ident != "main" {
        return Use::Full;
    }
    sink.push(error_at!(
        &signature.ident,
        "`main` starts the program: give the handler another name, and list it in `routes![…]`"
    ));
    Use::NameOnly
}

/// In patterns, the function would be used instead of the extractor.
fn no_extractors_name(signature: &Signature, sink: &mut Sink) -> Use {
    let name = &signature.ident;
    if ["Text", "Sender", "Payload", "State"]
        .iter()
        .any(|one| name == one)
    {
        sink.push(error_at!(
            name,
            "`{name}` is an extractor, and a function of that name hides it from patterns: give the handler another name"
        ));
        return Use::Inert;
    }
    Use::Full
}

fn not_a_test(attributes: &[Attribute], sink: &mut Sink) {
    let test = attributes.iter().find(|one| {
        one.path()
            .segments
            .last()
            .is_some_and(|name| name.ident == "test")
    });
    if let Some(test) = test {
        sink.push(error_at!(
            test,
            "a handler is no test: write a separate test function that calls the handler"
        ));
    }
}

/// A function that only lacks the word is read as if it had it.
fn is_async(signature: &Signature, sink: &mut Sink) -> Use {
    if signature.asyncness.is_none() && signature.constness.is_none() {
        let name = &signature.ident;
        sink.push(error_at!(
            signature.fn_token,
            "handler `{name}` must be an `async fn`"
        ));
        return Use::Inert;
    }
    Use::Full
}

fn no_generics(signature: &Signature, sink: &mut Sink) -> Use {
    let mut way = Use::Full;
    for parameter in &signature.generics.params {
        let what = match parameter {
            GenericParam::Lifetime(_) => "lifetime",
            GenericParam::Type(_) => "type",
            GenericParam::Const(_) => "const",
        };
        sink.push(error_at!(
            parameter,
            "a handler cannot have {what} parameters: the routing table calls it with concrete arguments"
        ));
        way = Use::Name;
    }
    if let Some(clause) = &signature.generics.where_clause {
        sink.push(error_at!(clause, "a handler cannot have a `where` clause"));
        way = Use::Name;
    }
    way
}

fn few_arguments(signature: &Signature, sink: &mut Sink) -> Use {
    let Some(argument) = signature.inputs.iter().nth(MOST_ARGUMENTS) else {
        return Use::Full;
    };
    let count = signature.inputs.len();
    sink.push(error_at!(
        argument,
        "a handler takes at most {MOST_ARGUMENTS} arguments, this one has {count}; put some into one type that implements `FromEvent`"
    ));
    Use::Name
}

fn by_value(argument: &PatType, sink: &mut Sink) -> Use {
    let ty = bare(&argument.ty);
    if let Type::Reference(reference) = ty {
        sink.push(by_reference(reference));
        return Use::Name;
    }
    if is_unsized(ty) {
        let owned = match ty {
            Type::Path(_) => "Text",
            _ => "a type that is an extractor",
        };
        sink.push(error_at!(
            ty,
            "a handler takes its arguments by value: write `{owned}`, for this type has no size"
        ));
        return Use::NameOnly;
    }
    let parts = Parts::of(ty);
    if let Some(found) = parts.impl_trait {
        sink.push(error_at!(
            found,
            "an argument needs a type that can be extracted from the event, not `impl Trait`"
        ));
        return Use::Name;
    }
    if let Some(found) = parts.lifetime {
        sink.push(error_at!(
            found,
            "a handler owns its arguments, so nothing in them is borrowed: write an owned type such as `String`"
        ));
        return Use::NameOnly;
    }
    if parts.inferred { Use::Name } else { Use::Full }
}

/// Types of the standard library that users may try, and their replacements.
fn no_extractor(ty: &Type) -> Option<syn::Error> {
    let Type::Path(path) = ty else {
        return match ty {
            Type::Tuple(tuple) if !tuple.elems.is_empty() => Some(error_at!(
                ty,
                "extractors are separate arguments, not parts of a tuple: write one argument for each"
            )),
            _ => None,
        };
    };
    let last = path.path.segments.last()?;
    let name = last.ident.to_string();
    let inside: Vec<_> = match &last.arguments {
        PathArguments::AngleBracketed(inside) => inside.args.iter().collect(),
        _ => Vec::new(),
    };
    let first = match inside.first() {
        Some(GenericArgument::Type(Type::Path(first))) => first.path.segments.last(),
        _ => None,
    };
    let first = first
        .map(|first| first.ident.to_string())
        .unwrap_or_default();
    if ["Payload", "State", "Session", "Content", "Metadata"].contains(&&*name) && inside.len() > 1
    {
        let types: Vec<_> = inside
            .iter()
            .map(|one| one.to_token_stream().to_string())
            .collect();
        let instead = match name.as_str() {
            "State" => "one argument for each part of the state".to_owned(),
            _ => format!("`{name}<({})>`", types.join(", ")),
        };
        return Some(error_at!(
            ty,
            "`{name}` has one type, and here are {}: write {instead}",
            inside.len()
        ));
    }
    if path.path.segments.len() > 1 {
        return None;
    }
    let message = match name.as_str() {
        "String" if inside.is_empty() => {
            "a `String` is no extractor: take the text of a message as `Text`"
        }
        "bool" | "char" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16"
        | "i32" | "i64" | "i128" | "isize" | "f32" | "f64" => {
            return Some(error_at!(
                ty,
                "`{name}` says nothing of where it comes from: write `Payload<{name}>`, `State<{name}>` or `Session<{name}>`"
            ));
        }
        "Arc" if first == "State" => "the `Arc` belongs inside: write `State<Arc<…>>`",
        "Vec" if first == "Text" || first == "Message" => {
            "several messages that are handled together are a `Burst`"
        }
        _ => return None,
    };
    Some(error_at!(ty, "{message}"))
}

/// `State(db): Arc<Database>`: the pattern takes an extractor apart that the type does not name.
fn of_pattern(argument: &PatType) -> Option<syn::Error> {
    const EXTRACTORS: &[&str] = &["Payload", "Sender", "State", "Text"];
    let Pat::TupleStruct(pattern) = &*argument.pat else {
        return None;
    };
    let name = &pattern.path.segments.last()?.ident;
    let ty = bare(&argument.ty);
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    // Other names may be those of a `type`.
    let is_std = [
        "Arc", "Box", "Option", "Rc", "String", "Vec", "bool", "char",
    ]
    .iter()
    .any(|std| last.ident == std)
        || last.ident.to_string().starts_with(['u', 'i', 'f']);
    if !is_std || !EXTRACTORS.iter().any(|one| name == one) || (last.ident == "Option") {
        return None;
    }
    let ty_text = ty.to_token_stream().to_string().replace(' ', "");
    Some(error_at!(
        ty,
        "the pattern `{name}(…)` takes a `{name}` apart, so the type has to name it: `{name}<{ty_text}>`"
    ))
}

fn by_reference(reference: &syn::TypeReference) -> syn::Error {
    let owned = bare(&reference.elem)
        .to_token_stream()
        .to_string()
        .replace(' ', "");
    let last = owned.rsplit("::").next().unwrap_or_default();
    match last {
        "str" | "String" => error_at!(
            reference,
            "a handler takes its arguments by value: write `Text`, not a reference"
        ),
        "Context" => error_at!(
            reference,
            "a handler takes what it needs one by one, such as `Sender`, `Text` or `Event`, and not a context"
        ),
        _ => error_at!(
            reference,
            "a handler takes its arguments by value: write `{owned}`, not a reference"
        ),
    }
}

fn can_be_returned(signature: &Signature, sink: &mut Sink) -> Use {
    let ReturnType::Type(_, ty) = &signature.output else {
        return Use::Full;
    };
    let ty = bare(ty);
    if let Type::Never(never) = ty {
        sink.push(error_at!(
            never,
            "a handler has to come to an end, for only then is its answer sent: leave `-> !` out, or name what it answers"
        ));
        return Use::NameOnly;
    }
    if is_unsized(ty) {
        let instead = match ty {
            Type::Path(_) => "`&'static str` or `String`",
            Type::Slice(_) => "a `Vec`",
            _ => "`Outcome`, which can be any answer,",
        };
        sink.push(error_at!(
            ty,
            "a handler cannot return a type that has no size: write {instead} instead"
        ));
        return Use::NameOnly;
    }
    let parts = Parts::of(ty);
    if let Some(found) = parts.impl_trait {
        if signature.asyncness.is_some() {
            sink.push(error_at!(
                found,
                "name the type that the handler returns; `Outcome` can be any of them"
            ));
        }
        return Use::Name;
    }
    // Mistakes that rustc reports.
    if parts.lifetime.is_some() || parts.inferred {
        return Use::Name;
    }
    Use::Full
}
