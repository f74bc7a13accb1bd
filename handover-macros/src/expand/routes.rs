use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::model::RouteList;

/// One `Route` per entry: the path as a type names the facts, as a value the function.
pub(crate) fn expand(list: &RouteList) -> TokenStream {
    let routes = list.root.private("Routes", Span::mixed_site());
    let entries = list.handlers.iter().map(|path| {
        let span = path.span();
        let route = list.root.private("Route", span);
        quote_spanned!(span=> #route::new::<#path, _, _>(#path))
    });
    quote!(#routes::new([#(#entries),*]))
}
