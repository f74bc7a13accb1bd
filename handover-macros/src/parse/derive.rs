use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Fields, Meta};

use crate::diag::Sink;
use crate::keys::Keys;
use crate::paths::Root;

/// Value of `#[handover(crate = …)]` on the type.
pub(crate) fn root(attributes: &[Attribute], sink: &mut Sink) -> Root {
    let attribute = attributes
        .iter()
        .find(|one| one.path().is_ident("handover"));
    let keys = match attribute.map(|attribute| &attribute.meta) {
        Some(Meta::List(list)) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let keys = Keys::parse(keys, "handover", &["crate"], sink);
    Root::new(keys.path("crate", sink).as_ref())
}

/// What makes the type something else than a struct with named fields.
pub(crate) fn shape(item: &DeriveInput) -> TokenStream {
    match &item.data {
        Data::Enum(data) => data.enum_token.to_token_stream(),
        Data::Union(data) => data.union_token.to_token_stream(),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) => fields.to_token_stream(),
            Fields::Named(_) | Fields::Unit => item.ident.to_token_stream(),
        },
    }
}
