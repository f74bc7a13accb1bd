//! What the tokens of a type say about it.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Type;

/// Parts of types that a function cannot name outside of itself.
#[derive(Default)]
pub(crate) struct Parts {
    /// The keyword `impl` and what follows it.
    pub(crate) impl_trait: Option<TokenStream>,
    /// A reference without a lifetime, or a lifetime that nothing declares.
    pub(crate) lifetime: Option<TokenStream>,
    /// `_`.
    pub(crate) inferred: bool,
}

impl Parts {
    pub(crate) fn of(ty: &Type) -> Self {
        let mut parts = Self::default();
        let tokens = ty.to_token_stream();
        let declared = declared(&tokens);
        parts.read(tokens, &declared);
        if matches!(bare(ty), Type::ImplTrait(_)) {
            parts.impl_trait = Some(ty.to_token_stream());
        }
        parts
    }

    fn read(&mut self, tokens: TokenStream, declared: &[String]) {
        let mut tokens = tokens.into_iter().peekable();
        // Lifetimes in the parentheses of `Fn(&T) -> &T` need no name.
        let mut is_signature = false;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let of_function = is_signature && group.delimiter() == Delimiter::Parenthesis;
                    if of_function {
                        self.read_signature(group.stream(), declared);
                    } else {
                        self.read(group.stream(), declared);
                        is_signature = false;
                    }
                }
                TokenTree::Ident(word) if word == "impl" => {
                    self.impl_trait.get_or_insert_with(|| {
                        let mut found = word.to_token_stream();
                        found.extend(tokens.peek().cloned());
                        found
                    });
                }
                TokenTree::Ident(word) if word == "_" => self.inferred = true,
                TokenTree::Ident(word) => {
                    let is_function = ["fn", "Fn", "FnMut", "FnOnce", "AsyncFn"];
                    is_signature |= is_function.iter().any(|name| word == name);
                }
                TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | '+' | ';') => {
                    is_signature = false;
                }
                TokenTree::Punct(mark) if mark.as_char() == '&' && !is_signature => {
                    let is_named = matches!(tokens.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '\'');
                    if !is_named {
                        let mut found = mark.to_token_stream();
                        found.extend(tokens.peek().cloned());
                        self.lifetime.get_or_insert(found);
                    }
                }
                TokenTree::Punct(mark) if mark.as_char() == '\'' => {
                    let Some(name) = tokens.next() else { continue };
                    let known = name.to_string();
                    // What an argument borrows would be borrowed until the end.
                    let is_elided = known == "_";
                    if known != "static" && !declared.contains(&known) && !is_elided {
                        let mut found = mark.to_token_stream();
                        found.extend(name.to_token_stream());
                        self.lifetime.get_or_insert(found);
                    }
                }
                _ => {}
            }
        }
    }

    fn read_signature(&mut self, tokens: TokenStream, declared: &[String]) {
        let mut inner = Self::default();
        inner.read(tokens, declared);
        self.impl_trait = self.impl_trait.take().or(inner.impl_trait);
        self.inferred |= inner.inferred;
    }
}

/// The lifetimes of `for<'a>`.
fn declared(tokens: &TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut tokens = tokens.clone().into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => names.extend(declared(&group.stream())),
            TokenTree::Ident(word) if word == "for" => {
                let binder = tokens.by_ref().take_while(
                    |token| !matches!(token, TokenTree::Punct(mark) if mark.as_char() == '>'),
                );
                names.extend(binder.filter_map(|token| match token {
                    TokenTree::Ident(name) => Some(name.to_string()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    names
}

/// Without the parentheses around it, visible or not.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        ty => ty,
    }
}

/// Whether it has no size that is known: `str`, `[T]`, `dyn Trait`.
pub(crate) fn is_unsized(ty: &Type) -> bool {
    match bare(ty) {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.qself.is_none() && path.path.is_ident("str"),
        _ => false,
    }
}

/// With `'static` for each `'_`.
pub(crate) fn without_elided(tokens: TokenStream) -> TokenStream {
    let mut of_lifetime = false;
    let tokens = tokens.into_iter().map(|token| {
        let is_name = std::mem::take(&mut of_lifetime);
        match token {
            TokenTree::Group(group) => {
                // Those of a function's own arguments are others.
                let inside = match group.delimiter() {
                    Delimiter::Parenthesis => group.stream(),
                    _ => without_elided(group.stream()),
                };
                let mut whole = Group::new(group.delimiter(), inside);
                whole.set_span(group.span());
                whole.into()
            }
            TokenTree::Ident(name) if is_name && name == "_" => {
                Ident::new("static", name.span()).into()
            }
            TokenTree::Punct(mark) => {
                of_lifetime = mark.as_char() == '\'';
                mark.into()
            }
            token => token,
        }
    });
    tokens.collect()
}
