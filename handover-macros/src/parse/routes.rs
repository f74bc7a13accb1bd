use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token};

use crate::diag::error_at;
use crate::model::RouteList;
use crate::paths::Root;

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
fn entry(input: ParseStream<'_>) -> syn::Result<Path> {
    let next = input.cursor();
    let path = input.call(Path::parse_mod_style).ok();
    match (path, next.token_tree()) {
        (Some(path), _) if input.is_empty() || input.peek(Token![,]) => Ok(path),
        (Some(path), _) => {
            let after: TokenTree = input.parse()?;
            Err(error_at!(
                after,
                "handlers are listed by name and with commas between them: `routes![{}, …]`",
                path.to_token_stream()
            ))
        }
        (None, next) => Err(error_at!(
            next.map(|(token, _)| token),
            "a handler is listed by its name, such as `routes![greet]`"
        )),
    }
}
