use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, GenericArgument, Meta, PathArguments, ReturnType, Signature, Type, TypePath};

use crate::keys::Keys;
use crate::model::Answer;

/// Attributes that leave a function's type alone.
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
    "handoff",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// What this function returns. A `#[handoff]` above has changed the type already, one below is
/// going to: either way, the user's own type and the target are told apart, since each can be wrong.
pub(super) fn parse(signature: &Signature, attributes: &[Attribute]) -> Answer {
    let written = match &signature.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    let may_change = attributes.iter().any(|attribute| {
        !HARMLESS.iter().any(|name| attribute.path().is_ident(name)) && !is_handoff(attribute)
    });
    if let Some((answer, target)) = written.and_then(with_handoff) {
        return Answer {
            written: Some(answer.clone()),
            handoff: Some(target.to_token_stream()),
            may_change,
        };
    }
    Answer {
        written: written.cloned(),
        handoff: attributes.iter().find(|one| is_handoff(one)).map(target_of),
        may_change,
    }
}

/// The parts of `__private::WithHandoff<Answer, Target>`, which only `#[handoff]` writes.
fn with_handoff(ty: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(TypePath { path, .. }) = ty else {
        return None;
    };
    let [.., parent, last] = path.segments.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    if parent.ident != "__private" || last.ident != "WithHandoff" {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [GenericArgument::Type(answer), GenericArgument::Type(target)] => Some((answer, target)),
        _ => None,
    }
}

fn is_handoff(attribute: &Attribute) -> bool {
    let name = attribute.path().segments.last();
    name.is_some_and(|name| name.ident == "handoff")
}

/// The value of `to`, or the attribute's name.
fn target_of(handoff: &Attribute) -> TokenStream {
    let to = match &handoff.meta {
        Meta::List(list) => Keys::find(list.tokens.clone(), "to"),
        Meta::Path(_) | Meta::NameValue(_) => None,
    };
    to.map_or_else(
        || handoff.path().to_token_stream(),
        ToTokens::into_token_stream,
    )
}
