//! What a handler must not be. Each rule is a function; each mistake is reported where it stands.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericParam, PatType, ReturnType, Safety, Signature, Type};

use crate::diag::{Sink, error_at};
use crate::item::Item;

/// As many as the runtime's `Handler` is implemented for.
const MOST_ARGUMENTS: usize = 12;

/// All rules, in the order of the tokens they look at.
pub(crate) fn handler(item: &Item, attribute: &str, sink: &mut Sink) {
    let signature = &item.head.signature;
    plain_function(signature, attribute, sink);
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

fn plain_function(signature: &Signature, attribute: &str, sink: &mut Sink) {
    let constness = signature.constness.map(|token| (token.span(), "const"));
    let unsafety = match &signature.safety {
        Safety::Unsafe(token) => Some((token.span(), "unsafe")),
        _ => None,
    };
    let abi = signature.abi.as_ref().map(|abi| (abi.span(), "extern"));
    for (span, word) in [constness, unsafety, abi].into_iter().flatten() {
        sink.push(error_at!(
            &span,
            "`#[{attribute}]` takes a plain `async fn`, not `{word}`"
        ));
    }
}

fn is_async(signature: &Signature, sink: &mut Sink) {
    if signature.asyncness.is_none() {
        let name = &signature.ident;
        sink.push(error_at!(
            &signature.fn_token,
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
            let owned = reference.elem.to_token_stream();
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
