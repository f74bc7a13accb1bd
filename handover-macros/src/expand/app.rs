use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::model::App;
use crate::paths::Root;

/// The type that stands for the app, a `Target`.
pub(super) fn target(app: &App, root: &Root) -> TokenStream {
    match app {
        App::WellKnown(marker, span) => root.private(marker, *span),
        App::Number(number) => {
            let app_number = root.private("AppNumber", number.span());
            quote!(#app_number<#number>)
        }
        App::Type(path) => path.to_token_stream(),
    }
}
