//! What a handler must not be. Each rule is a function; each mistake is reported where it stands.

use quote::ToTokens;
use syn::{Attribute, FnArg, GenericParam, PatType, ReturnType, Safety, Signature, Type};

use crate::diag::{Sink, error_at};
use crate::item::{Head, Item};
use crate::model::{Handler, Trigger};

/// As many as the runtime's `Handler` is implemented for.
const MOST_ARGUMENTS: usize = 12;

/// All rules for the function, in the order of the tokens they look at.
pub(crate) fn handler(item: &Item, sink: &mut Sink) {
    let signature = &item.head.signature;
    plain_function(signature, sink);
    is_async(signature, sink);
    no_generics(signature, sink);
    few_arguments(signature, sink);
    for argument in &signature.inputs {
        match argument {
            FnArg::Receiver(receiver) => sink.push(error_at!(
                receiver,
                "a handler is a function of its own and has no `self`; take what it needs as `State<T>`"
            )),
            FnArg::Typed(argument) => by_value(argument, sink),
        }
    }
    no_impl_output(signature, sink);
}

/// Whether the companion can stand beside the function: not in an `impl`, and not twice.
pub(crate) fn can_have_companion(head: &Head, sink: &mut Sink) -> bool {
    let is_trigger = |name: &str| Trigger::ALL.iter().any(|trigger| trigger.name() == name);
    let other = head.attributes.iter().find(|other| ours(other, is_trigger));
    if let Some(other) = other {
        sink.push(error_at!(
            other.path(),
            "a handler waits for one kind of event: write a function for each attribute, and let both call a third"
        ));
    }
    other.is_none() && head.signature.receiver().is_none()
}

/// Only a request for the thread has an app that asks for it.
pub(crate) fn requester(handler: &Handler, sink: &mut Sink) {
    let Handler {
        trigger, answer, ..
    } = handler;
    if answer.to_requester && *trigger != Trigger::RequestThreadControl {
        sink.push(error_at!(
            &answer.handoff,
            "nobody asks for the thread here: `requester` is for `#[on_request_thread_control]`, so name the app itself"
        ));
    }
}

/// No second `#[handoff]`.
pub(crate) fn one_handoff(attributes: &[Attribute], sink: &mut Sink) {
    if let Some(other) = attributes
        .iter()
        .find(|other| ours(other, |name| name == "handoff"))
    {
        sink.push(error_at!(
            other.path(),
            "a thread goes to one app: `#[handoff]` stands above already"
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
        asyncness,
        safety,
        abi,
        ..
    } = signature;
    // Both at once is a mistake that rustc reports.
    let constness = constness
        .as_ref()
        .filter(|_| asyncness.is_none())
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

fn is_async(signature: &Signature, sink: &mut Sink) {
    if signature.asyncness.is_none() && signature.constness.is_none() {
        let name = &signature.ident;
        sink.push(error_at!(
            signature.fn_token,
            "handler `{name}` must be an `async fn`"
        ));
    }
}

fn no_generics(signature: &Signature, sink: &mut Sink) {
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
    }
    if let Some(clause) = &signature.generics.where_clause {
        sink.push(error_at!(clause, "a handler cannot have a `where` clause"));
    }
}

fn few_arguments(signature: &Signature, sink: &mut Sink) {
    if let Some(argument) = signature.inputs.iter().nth(MOST_ARGUMENTS) {
        let count = signature.inputs.len();
        sink.push(error_at!(
            argument,
            "a handler takes at most {MOST_ARGUMENTS} arguments, this one has {count}; put some into one type that implements `FromEvent`"
        ));
    }
}

fn by_value(argument: &PatType, sink: &mut Sink) {
    match &*argument.ty {
        Type::Reference(reference) => {
            let owned = match reference.elem.to_token_stream().to_string().as_str() {
                "str" => "Text".to_owned(),
                owned => owned.to_owned(),
            };
            sink.push(error_at!(
                reference,
                "a handler takes its arguments by value: write `{owned}`, not a reference"
            ));
        }
        Type::ImplTrait(ty) => sink.push(error_at!(
            ty,
            "an argument needs a type that can be extracted from the event, not `impl Trait`"
        )),
        _ => {}
    }
}

fn no_impl_output(signature: &Signature, sink: &mut Sink) {
    if let ReturnType::Type(_, ty) = &signature.output
        && let Type::ImplTrait(ty) = &**ty
    {
        sink.push(error_at!(
            ty,
            "name the type that the handler returns; `Outcome` stands for any of them"
        ));
    }
}
