//! The names of what is generated beside a handler.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, Ident, Meta, ReturnType, Signature, Type, Visibility};

use super::call::is_plain;
use crate::item::Item;
use crate::model::Handler;
use crate::paths::{first_and_last_span, respan};
use crate::types::without_elided;

/// The names of what is generated beside a handler.
pub(super) struct Names<'a> {
    name: &'a Ident,
    /// What the function says about lints, and when it is there at all.
    attributes: TokenStream,
    visibility: &'a Visibility,
    /// Two functions of one name are one mistake, not several.
    place: String,
}

impl<'a> Names<'a> {
    pub(super) fn of(handler: &'a Handler, item: &'a Item) -> Self {
        let name = &handler.name;
        let place: String = [name.span(), Span::call_site()]
            .map(|span| format!("{span:?}"))
            .concat();
        let place: Vec<_> = place
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|digits| !digits.is_empty())
            .collect();
        let conditions = item.head.attributes.iter();
        let conditions = conditions.filter(|one| one.path().is_ident("cfg"));
        let levels = lint_levels(&item.head.attributes);
        Self {
            name,
            attributes: quote!(#(#conditions)* #levels),
            visibility: &item.head.visibility,
            place: place.join("_"),
        }
    }

    pub(super) fn companion(&self) -> Ident {
        let Self { name, place, .. } = self;
        format_ident!("__{}_{place}", name.unraw(), span = name.span())
    }

    /// A type as public as the function, whose signature names it.
    pub(super) fn declare_companion(&self, companion: &Ident) -> TokenStream {
        let Self {
            attributes,
            visibility,
            ..
        } = self;
        quote! {
            #attributes
            #[doc(hidden)]
            #[allow(dead_code, non_camel_case_types, missing_debug_implementations, unreachable_pub)]
            #visibility enum #companion {}
        }
    }

    /// Gives each type of the signature a name, to be used instead: it is needed more than once, and
    /// written twice it would be reported twice if it is wrong. An error in it is shown as in the
    /// function.
    pub(super) fn name_types(&self, signature: &mut Signature) -> TokenStream {
        let mut names = TokenStream::new();
        let mut give_name = |ty: &mut Type, at: &dyn Display| {
            if !is_plain(ty) {
                names.extend(self.name(ty, first_and_last_span(&*ty), at));
            }
        };
        for (at, argument) in signature.inputs.iter_mut().enumerate() {
            if let FnArg::Typed(argument) = argument {
                give_name(&mut argument.ty, &at);
            }
        }
        if let ReturnType::Type(_, ty) = &mut signature.output {
            give_name(ty, &"answer");
        }
        names
    }

    /// Puts a name in the type's place, which is shown from the first to the last of these.
    pub(super) fn name(
        &self,
        ty: &mut Type,
        [first, last]: [Span; 2],
        at: &dyn Display,
    ) -> TokenStream {
        let Self {
            name,
            attributes,
            place,
            ..
        } = self;
        let written = without_elided(ty.to_token_stream());
        let named = format_ident!("__{}_{at}_{place}", name.unraw(), span = name.span());
        let mut instead = respan(named.to_token_stream(), first);
        // Brackets, so that it ends where the type did.
        instead.extend(quote_spanned!(last=> <>));
        *ty = Type::Verbatim(instead);
        quote! {
            #attributes
            #[allow(dead_code, non_camel_case_types)]
            type #named = #written;
        }
    }
}

/// What the function says about lints holds for the types in its signature.
fn lint_levels(attributes: &[Attribute]) -> TokenStream {
    let levels = attributes.iter().filter_map(|attribute| {
        let path = attribute.path();
        let Meta::List(list) = &attribute.meta else {
            return None;
        };
        let lints = &list.tokens;
        if path.is_ident("expect") {
            return Some(quote!(#[allow(#lints)]));
        }
        let is_level = ["allow", "warn", "deny", "forbid"];
        is_level
            .iter()
            .any(|level| path.is_ident(level))
            .then(|| quote!(#attribute))
    });
    levels.collect()
}
