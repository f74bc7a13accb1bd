//! Splitting a function into its head, which is read, and its body, which is not.
//!
//! A body that is never parsed costs nothing, keeps its spans, and may be half typed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Visibility};

use crate::diag::error_at;

/// A function with its body untouched.
pub(crate) struct Item {
    pub(crate) head: Head,
    pub(crate) body: Group,
}

/// Everything before the body.
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attributes: input.call(Attribute::parse_outer)?,
            visibility: input.parse()?,
            signature: input.parse()?,
        })
    }
}

impl Item {
    /// `attribute` is the name to complain under.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> syn::Result<Self> {
        let mut head: Vec<TokenTree> = tokens.into_iter().collect();
        let last = head.pop();
        let Some(body) = last.clone().and_then(body).filter(|_| has_fn(&head)) else {
            head.extend(last);
            return Err(not_a_function(&head, attribute));
        };
        Ok(Self {
            head: syn::parse2(head.into_iter().collect())?,
            body,
        })
    }
}

/// The braces, also if a macro's `$body` puts invisible ones around them.
fn body(last: TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = last else {
        return None;
    };
    match group.delimiter() {
        Delimiter::Brace => Some(group),
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next().filter(|_| inside.next().is_none());
            only.and_then(body)
        }
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// Whether the keyword `fn` stands outside of parentheses and attributes.
fn has_fn(head: &[TokenTree]) -> bool {
    head.iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "fn"))
}

/// Points at the keyword that says what it is instead: `struct`, `mod`, `impl` …
fn not_a_function(head: &[TokenTree], attribute: &str) -> syn::Error {
    let keyword = head.iter().find(|token| match token {
        TokenTree::Ident(ident) => ident != "pub",
        _ => false,
    });
    error_at!(
        keyword.or(head.first()),
        "`#[{attribute}]` belongs on an `async fn` with a body"
    )
}
