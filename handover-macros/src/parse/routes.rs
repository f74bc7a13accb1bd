use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Token};

use crate::model::RouteList;
use crate::paths::Root;

impl Parse for RouteList {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let root: Ident = input.parse()?;
        input.parse::<Token![;]>()?;
        let handlers =
            Punctuated::<Path, Token![,]>::parse_terminated_with(input, Path::parse_mod_style)?;
        Ok(Self {
            root: Root::from_dollar_crate(&root),
            handlers: handlers.into_iter().collect(),
        })
    }
}
