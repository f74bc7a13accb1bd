use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Meta};

use crate::diag::Sink;
use crate::keys::Keys;
use crate::paths::Root;

/// Value of `#[handover(crate = …)]` on the type.
pub(crate) fn root(attributes: &[Attribute], sink: &mut Sink) -> Root {
    let keys = keys(attributes, &["crate"], sink);
    Root::new(keys.path("crate", sink).as_ref())
}

/// What `#[handover(crate = …, name = …)]` says on the type.
pub(crate) fn root_and_name(attributes: &[Attribute], sink: &mut Sink) -> (Root, Option<LitStr>) {
    let keys = keys(attributes, &["name", "crate"], sink);
    let root = Root::new(keys.path("crate", sink).as_ref());
    (root, keys.string("name", sink))
}

fn keys(attributes: &[Attribute], known: &[&str], sink: &mut Sink) -> Keys {
    let attribute = attributes
        .iter()
        .find(|one| one.path().is_ident("handover"));
    let keys = match attribute.map(|attribute| &attribute.meta) {
        Some(Meta::List(list)) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    Keys::parse(keys, "handover", known, sink)
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
