//! Completion and documentation of keys in rust-analyzer.
//!
//! An editor knows nothing of the words in an attribute until they are part of an item. So they are
//! imported from a module of `handover` that has an item for each key, while rust-analyzer is asking.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use crate::paths::Root;

/// Imports the keys that are there, however half typed. The `cfg` is that of the user's crate:
/// rust-analyzer does not set it for a dependency.
pub(crate) fn hints(attribute: &str, keys: TokenStream, root: &Root) -> TokenStream {
    let keys = keys_in(keys);
    if keys.is_empty() {
        return TokenStream::new();
    }
    let ide = root.private("ide", Span::mixed_site());
    let attribute = Ident::new(attribute, Span::mixed_site());
    quote! {
        {
            #[cfg(rust_analyzer)]
            mod keys {
                // In two steps, or `self` would be offered as well.
                use #ide::#attribute::*;
                use self::{#(#keys as _),*};
            }
        }
    }
}

/// The hints, unless rustc knows this `cfg` already.
pub(crate) fn alone(hints: &TokenStream) -> TokenStream {
    if hints.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = { #hints };
    }
}

/// The words that begin a pair, or are about to. Keywords cannot be imported.
fn keys_in(tokens: TokenStream) -> Vec<Ident> {
    let mut keys = Vec::new();
    let mut begins = true;
    for token in tokens {
        if let TokenTree::Ident(key) = &token
            && begins
            && syn::parse_str::<Ident>(&key.to_string()).is_ok()
        {
            keys.push(key.clone());
        }
        begins = matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    }
    keys
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quote::quote;
    use syn::{File, Ident, Item, ItemMod, UseTree};

    use crate::model::{KeyName, TriggerName};
    use crate::parse;

    #[test]
    fn keys_are_found_while_they_are_typed() {
        let keys = |tokens| {
            let keys = super::keys_in(tokens);
            keys.iter().map(Ident::to_string).collect::<Vec<_>>()
        };
        assert_eq!(keys(quote!(text = "a", rege)), ["text", "rege"]);
        assert_eq!(
            keys(quote!(text = , when = a::b, ref = "x",)),
            ["text", "when"]
        );
        assert_eq!(keys(quote!()), [""; 0]);
    }

    /// `handover` has the items to complete with.
    #[test]
    fn every_key_of_every_attribute_has_an_item() {
        let file: File = syn::parse_str(include_str!("../../src/ide.rs")).unwrap();
        for trigger in TriggerName::ALL {
            let keys = trigger.keys().map(KeyName::name).collect();
            assert_eq!(
                items(&file, trigger.name()),
                importable(keys),
                "{}",
                trigger.name()
            );
        }
        let keys = parse::handoff::KEYS.iter().copied().collect();
        assert_eq!(items(&file, "handoff"), importable(keys));
    }

    fn importable(keys: BTreeSet<&str>) -> BTreeSet<String> {
        let keys = keys
            .into_iter()
            .filter(|key| syn::parse_str::<Ident>(key).is_ok());
        keys.map(str::to_owned).collect()
    }

    /// What the module of this attribute exports: `pub use super::keys::{…};`.
    fn items(file: &File, attribute: &str) -> BTreeSet<String> {
        let module = file.items.iter().find_map(|item| match item {
            Item::Mod(ItemMod { ident, content, .. }) if ident == attribute => content.as_ref(),
            _ => None,
        });
        let (_, items) = module.unwrap_or_else(|| panic!("no module `{attribute}`"));
        let mut names = BTreeSet::new();
        for item in items {
            if let Item::Use(item) = item {
                leaves(&item.tree, &mut names);
            }
        }
        names
    }

    fn leaves(tree: &UseTree, names: &mut BTreeSet<String>) {
        match tree {
            UseTree::Path(path) => leaves(&path.tree, names),
            UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
            UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
            UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
            UseTree::Glob(_) => {}
        }
    }
}
