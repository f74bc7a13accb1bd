use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Fields, Type};

use crate::diag::{Sink, error_at};
use crate::parse::derive;

/// `Provides` for the struct itself and for the type of each field.
pub(crate) fn expand(item: &DeriveInput) -> TokenStream {
    let mut sink = Sink::new();
    let fields = match &item.data {
        Data::Struct(data) => Some(&data.fields),
        Data::Enum(_) | Data::Union(_) => None,
    };
    let Some(fields) = fields else {
        return error_at!(derive::shape(item), "`BotState` can be derived for a struct: its fields are what handlers take as `State<T>`")
            .to_compile_error();
    };
    let root = derive::root(&item.attrs, &mut sink);
    let provides = root.private("Provides", Span::mixed_site());
    let name = &item.ident;
    let (generics, arguments, clause) = item.generics.split_for_impl();
    let provide = |ty: &dyn ToTokens, value: TokenStream| {
        quote! {
            impl #generics #provides<#ty> for #name #arguments #clause {
                fn provide(&self) -> &#ty {
                    #value
                }
            }
        }
    };
    let mut output = provide(&quote!(Self), quote!(self));
    for (ty, value) in distinct_fields(fields, &mut sink) {
        let ty = match ty {
            // A reference to one needs parentheses.
            Type::TraitObject(_) | Type::ImplTrait(_) => quote!((#ty)),
            _ => ty.to_token_stream(),
        };
        output.extend(provide(&ty, value));
    }
    output.extend(sink.finish());
    output
}

/// The fields, each type once: a handler asks by type alone.
fn distinct_fields<'a>(fields: &'a Fields, sink: &mut Sink) -> Vec<(&'a Type, TokenStream)> {
    let mut seen = HashSet::new();
    let mut distinct = Vec::new();
    for (field, member) in fields.iter().zip(fields.members()) {
        let ty = field.ty.to_token_stream().to_string();
        if !seen.insert(ty.clone()) {
            sink.push(error_at!(
                &field.ty,
                "two fields of type `{ty}`: handlers take state by type, so give each field another type"
            ));
        } else {
            distinct.push((&field.ty, quote!(&self.#member)));
        }
    }
    distinct
}
