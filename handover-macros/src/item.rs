//! Splitting a function into its head, which is read, and its body, which is not.
//!
//! A body that is never parsed costs nothing, keeps its spans, and may be half typed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Meta, Signature, Visibility};

use crate::diag::error_at;
use crate::paths::raw;
use crate::unnamed;

/// A function with its body untouched.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) head: Head,
    pub(crate) body: Group,
}

/// Everything before the body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
}

/// The item below an attribute.
pub(crate) enum AnnotatedItem {
    Function(Box<Item>),
    /// A function with a syntax error, which rustc has reported: the tokens before its arguments.
    Broken(TokenStream),
    /// Something else, and why that is a mistake.
    Other(syn::Error),
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

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Head {
            attributes,
            visibility,
            signature,
        } = &self.head;
        let body = &self.body;
        tokens.extend(quote!(#(#attributes)* #visibility #signature #body));
    }
}

impl Item {
    /// `attribute` is the name to complain under.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> AnnotatedItem {
        let mut head: Vec<TokenTree> = tokens.into_iter().collect();
        let last = head.pop();
        let Some(body) = last.clone().and_then(body).filter(|_| has_fn(&head)) else {
            head.extend(last);
            return AnnotatedItem::Other(not_a_function(&head, attribute));
        };
        let is_arguments = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
        let after_fn = head
            .iter()
            .position(|token| matches!(token, TokenTree::Ident(word) if word == "fn"));
        if let Some(name) = after_fn.and_then(|at| head.get_mut(at + 1))
            && let TokenTree::Ident(word) = name
        {
            let raw = raw(word.clone());
            if raw != *word && word != "gen" {
                unnamed::note();
            }
            *name = raw.into();
        }
        let before_arguments = head.iter().enumerate().take_while(|(at, token)| {
            after_fn.is_none_or(|after| *at < after) || !is_arguments(token)
        });
        let before_arguments = before_arguments.map(|(_, token)| token.clone()).collect();
        match syn::parse2(head.into_iter().collect()) {
            Ok(head) => AnnotatedItem::Function(Box::new(Self { head, body })),
            Err(_) => AnnotatedItem::Broken(before_arguments),
        }
    }

    /// The function with and without the first argument that has a `#[cfg]`, and the condition.
    pub(crate) fn split_by_cfg(&self) -> Option<(TokenStream, Self, Self)> {
        let inputs = &self.head.signature.inputs;
        let (at, attribute) = inputs.iter().enumerate().find_map(|(at, argument)| {
            let attributes = match argument {
                FnArg::Receiver(receiver) => &receiver.attrs,
                FnArg::Typed(argument) => &argument.attrs,
            };
            let attribute = attributes
                .iter()
                .position(|one| one.path().is_ident("cfg"))?;
            Some((at, attribute))
        })?;
        let (mut with, mut without) = (self.clone(), self.clone());
        let condition = match &mut with.head.signature.inputs[at] {
            FnArg::Receiver(receiver) => receiver.attrs.remove(attribute),
            FnArg::Typed(argument) => argument.attrs.remove(attribute),
        };
        let Meta::List(condition) = condition.meta else {
            return None;
        };
        let others = inputs.iter().enumerate().filter(|(other, _)| *other != at);
        without.head.signature.inputs = others.map(|(_, argument)| argument.clone()).collect();
        Some((condition.tokens, with, without))
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

/// Whether the keyword `fn` is outside of parentheses and attributes.
fn has_fn(head: &[TokenTree]) -> bool {
    head.iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "fn"))
}

/// Points at the keyword of the item: `struct`, `mod`, `impl` …
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
