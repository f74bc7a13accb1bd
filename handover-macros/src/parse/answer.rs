//! What a handler returns, and to whom it hands the thread.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, ReturnType, Type, TypePath};

use crate::model::Answer;

/// What this function returns. `#[handoff]` has changed the type already: the user's own type and the
/// target are told apart, since each can be wrong.
pub(super) fn parse(output: &ReturnType) -> Answer {
    let written = match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    match written.and_then(with_handoff) {
        Some((answer, target)) => Answer {
            written: Some(answer.clone()),
            handoff: Some(target.to_token_stream()),
            to_requester: private(target, "Requester").is_some(),
        },
        None => Answer {
            written: written.cloned(),
            handoff: None,
            to_requester: false,
        },
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
