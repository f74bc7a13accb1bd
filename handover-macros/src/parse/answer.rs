use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, GenericArgument, Lit, Meta, PathArguments, ReturnType, Signature,
    Type, TypePath,
};

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
            to_requester: private(target, "Requester").is_some(),
            may_change,
        };
    }
    let handoff = attributes.iter().find(|one| is_handoff(one));
    let to = handoff.and_then(target_of);
    let to_requester = matches!(
        &to,
        Some(Expr::Lit(ExprLit { lit: Lit::Str(name), .. })) if name.value() == "requester"
    );
    Answer {
        written: written.cloned(),
        handoff: handoff.map(|handoff| match to {
            Some(to) => to.into_token_stream(),
            None => handoff.path().to_token_stream(),
        }),
        to_requester,
        may_change,
    }
}

/// The parts of `__private::WithHandoff<Answer, Target>`.
fn with_handoff(ty: &Type) -> Option<(&Type, &Type)> {
    let PathArguments::AngleBracketed(arguments) = private(ty, "WithHandoff")? else {
        return None;
    };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [GenericArgument::Type(answer), GenericArgument::Type(target)] => Some((answer, target)),
        _ => None,
    }
}

/// The arguments of `__private::NAME`, which only our attributes write.
fn private<'a>(ty: &'a Type, name: &str) -> Option<&'a PathArguments> {
    let Type::Path(TypePath { path, .. }) = ty else {
        return None;
    };
    match path.segments.iter().collect::<Vec<_>>()[..] {
        [.., parent, last] if parent.ident == "__private" && last.ident == name => {
            Some(&last.arguments)
        }
        _ => None,
    }
}

fn is_handoff(attribute: &Attribute) -> bool {
    let name = attribute.path().segments.last();
    name.is_some_and(|name| name.ident == "handoff")
}

/// The value of `to`.
fn target_of(handoff: &Attribute) -> Option<Expr> {
    match &handoff.meta {
        Meta::List(list) => Keys::find(list.tokens.clone(), "to"),
        Meta::Path(_) | Meta::NameValue(_) => None,
    }
}
