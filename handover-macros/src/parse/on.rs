use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, FnArg, Lit, Meta, ReturnType};

use crate::diag::{Sink, error_at};
use crate::item::Head;
use crate::keys::Keys;
use crate::model::{Filter, Handler, Trigger};
use crate::paths::Root;

/// Which apps a thread can come from or go to by name.
const APPS: &[&str] = &["page_inbox", "instagram_inbox"];

/// The handler that this head and these keys describe.
pub(crate) fn parse(trigger: Trigger, keys: TokenStream, head: Head, sink: &mut Sink) -> Handler {
    let keys = Keys::parse(keys, trigger.name(), trigger.keys(), sink);
    let signature = head.signature;
    let output = match &signature.output {
        ReturnType::Default => signature.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let arguments = signature
        .inputs
        .into_iter()
        .filter_map(|argument| match argument {
            FnArg::Typed(argument) => Some(*argument.ty),
            FnArg::Receiver(_) => None,
        });
    Handler {
        root: Root::new(keys.path("crate", sink).as_ref()),
        trigger,
        visibility: head.visibility,
        name: signature.ident,
        arguments: arguments.collect(),
        output,
        doc: doc(&head.attributes),
        filter: filter(trigger, &keys, sink),
    }
}

fn filter(trigger: Trigger, keys: &Keys, sink: &mut Sink) -> Filter {
    let filter = Filter {
        text: keys.strings("text", sink),
        regex: keys.string("regex", sink),
        quick_reply: keys.strings("quick_reply", sink),
        payload: keys.strings("payload", sink),
        from: keys.app("from", APPS, sink),
        to: keys.app("to", APPS, sink),
        kind: match trigger {
            Trigger::Event => keys.strings("name", sink),
            _ => keys.strings("kind", sink),
        },
    };
    if let (Some(_), Some(regex)) = (filter.text.first(), &filter.regex) {
        sink.push(error_at!(
            regex,
            "`text` already says the whole text; use either `text` or `regex`"
        ));
    }
    filter
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
