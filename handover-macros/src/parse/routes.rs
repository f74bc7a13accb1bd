//! The list in `routes![]`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Path, Token};

use crate::diag::error_at;
use crate::model::{RouteList, RouteSpec};
use crate::paths::{Root, raw};

impl Parse for RouteList {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let root: Ident = input.parse()?;
        input.parse::<Token![;]>()?;
        let handlers = Punctuated::<_, Token![,]>::parse_terminated_with(input, entry)?;
        Ok(Self {
            root: Root::from_dollar_crate(&root),
            handlers: handlers.into_iter().collect(),
        })
    }
}

/// The path to a handler, and nothing else up to the comma.
fn entry(input: ParseStream<'_>) -> syn::Result<RouteSpec> {
    let conditions = input.call(Attribute::parse_outer)?;
    if let Some(other) = conditions.iter().find(|one| !one.path().is_ident("cfg")) {
        return Err(error_at!(
            other,
            "only `#[cfg(…)]` can be before an entry of `routes![]`"
        ));
    }
    let next = input.cursor().token_tree().map(|(token, _)| token);
    let start = input.fork();
    let Ok(path) = input.call(path) else {
        return Err(no_path(&start, next));
    };
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(RouteSpec { path, conditions });
    }
    Err(after_path(&path, input))
}

/// The last name may be a keyword: rustc has reported a function called so, and goes on with
/// `r#keyword`.
fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    let mut path = Path {
        leading_colon: input.parse()?,
        segments: Punctuated::new(),
    };
    loop {
        let name = input.call(Ident::parse_any)?;
        let is_last = !input.peek(Token![::]);
        let name = if is_last && (input.is_empty() || input.peek(Token![,])) {
            raw(name)
        } else {
            name
        };
        let in_path = Path::parse_mod_style.parse2(name.to_token_stream())?;
        path.segments.extend(in_path.segments);
        if is_last {
            return Ok(path);
        }
        path.segments.push_punct(input.parse()?);
    }
}

/// Something else where a path should be.
fn no_path(input: ParseStream<'_>, next: Option<TokenTree>) -> syn::Error {
    // The path may only end badly: `orders::{a, b}`, `orders::*`.
    let mut path = TokenStream::new();
    let mut names = Vec::new();
    while let Ok(name) = input.parse::<Ident>() {
        name.to_tokens(&mut path);
        names.push(name);
        let Ok(colons) = input.parse::<Token![::]>() else {
            break;
        };
        colons.to_tokens(&mut path);
    }
    let module: String = names.iter().map(|name| format!("{name}::")).collect();
    let after = input.parse::<TokenTree>().ok();
    match (&after, names.is_empty()) {
        (Some(TokenTree::Punct(star)), false) if star.as_char() == '*' => error_at!(
            star,
            "`routes![]` lists each handler by its name, in the order in which they are asked: `{module}start, …`"
        ),
        (Some(TokenTree::Group(group)), false) if group.delimiter() == Delimiter::Brace => {
            let listed = group.stream().to_string();
            let listed: Vec<_> = listed
                .split(',')
                .map(|name| format!("{module}{}", name.trim()))
                .collect();
            error_at!(
                group,
                "each handler is listed with its whole path: `{}`",
                listed.join(", ")
            )
        }
        (Some(TokenTree::Punct(mark)), false) if mark.as_char() == '<' => no_generics(mark),
        (Some(TokenTree::Group(group)), true) if group.delimiter() == Delimiter::Bracket => {
            error_at!(
                next,
                "handlers are listed without brackets around them: `routes![{}]`",
                group.stream()
            )
        }
        _ => error_at!(
            next,
            "a handler is listed by its name, such as `routes![greet]`"
        ),
    }
}

/// Something after the path.
fn after_path(path: &Path, input: ParseStream<'_>) -> syn::Error {
    let name = path.to_token_stream().to_string().replace(' ', "");
    let Ok(after) = input.parse::<TokenTree>() else {
        return input.error("a comma is missing before this");
    };
    let mark = match &after {
        TokenTree::Punct(mark) => Some(mark.as_char()),
        _ => None,
    };
    match mark {
        Some('!') if path.is_ident("routes") => error_at!(
            path,
            "a list is not an entry of another: write `routes![…].routes(routes![…])`"
        ),
        Some('.') => {
            let next = input.parse::<TokenTree>();
            let next = next.map_or_else(|_| "…".to_owned(), |token| token.to_string());
            error_at!(
                after,
                "a path is written with `::`: `routes![{name}::{next}]`"
            )
        }
        Some('<') => no_generics(after),
        _ => match &after {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => error_at!(
                after,
                "a handler is listed and not called: `routes![{name}]`"
            ),
            TokenTree::Ident(_) => error_at!(after, "a comma is missing before this"),
            _ => error_at!(
                after,
                "handlers are listed by name and with commas between them: `routes![{name}, …]`"
            ),
        },
    }
}

fn no_generics(at: impl ToTokens) -> syn::Error {
    error_at!(
        at,
        "a handler has no type parameters: list it by its name alone"
    )
}
