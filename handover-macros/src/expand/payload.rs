use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, Ident};

use crate::diag::{Sink, error_at};
use crate::parse::derive;
use crate::paths::first_and_last_span;

/// `FromPayload`: each field from the capture of its name.
pub(crate) fn expand(item: &DeriveInput) -> TokenStream {
    let fields = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            Fields::Unnamed(_) | Fields::Unit => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    let Some(fields) = fields else {
        return error_at!(
            derive::shape(item),
            "`FromPayload` can be derived for a struct with named fields: each is filled by the capture of its name"
        )
        .to_compile_error();
    };
    let mut sink = Sink::new();
    let root = derive::root(&item.attrs, &mut sink);
    let span = Span::mixed_site();
    let [from_payload, shape, captures, string, ok] = [
        "FromPayload",
        "PayloadShape",
        "PayloadCaptures",
        "String",
        "Ok",
    ]
    .map(|name| root.private(name, span));
    let result = root.private("Result", span);
    let name = &item.ident;
    let (generics, arguments, clause) = item.generics.split_for_impl();
    let idents: Vec<_> = fields
        .iter()
        .filter_map(|field| field.ident.as_ref())
        .collect();
    let names = idents
        .iter()
        .map(|ident| Literal::string(&ident.unraw().to_string()));
    let values = fields.iter().zip(&idents).map(|(field, ident)| {
        let name = Literal::string(&ident.unraw().to_string());
        let ty = &field.ty;
        let [first, last] = first_and_last_span(ty);
        let named = Ident::new("named", first);
        // Shown as the type.
        let mut value = quote_spanned!(first=> __captures.#named::<#ty>);
        value.extend(quote_spanned!(last=> (#name)?));
        quote!(#ident: #value)
    });
    let mistakes = sink.finish();
    quote! {
        #mistakes
        impl #generics #from_payload for #name #arguments #clause {
            const SHAPE: #shape = #shape::Named(&[#(#names),*]);

            fn from_payload(__captures: &#captures<'_>) -> #result<Self, #string> {
                #ok(Self { #(#values),* })
            }
        }
    }
}
