use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::model::AppValue;
use crate::paths::Root;

/// The type for the app, a `Target`.
pub(super) fn target(app: &AppValue, root: &Root) -> TokenStream {
    match app {
        AppValue::WellKnown(marker, span) => root.private(marker, *span),
        AppValue::Number(number) => {
            let app_number = root.private("AppNumber", number.span());
            quote!(#app_number<#number>)
        }
        AppValue::Type(path) => path.to_token_stream(),
    }
}
