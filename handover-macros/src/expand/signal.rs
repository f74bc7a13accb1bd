use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::ext::IdentExt;

use crate::diag::{Sink, error_at};
use crate::parse::derive;

/// As long as a name in a URL is still read by people.
const LONGEST_NAME: usize = 64;

/// `SignalData`: the name of the type, in snake case, or the one that is given.
pub(crate) fn expand(item: &DeriveInput) -> TokenStream {
    let mut sink = Sink::new();
    let (root, given) = derive::root_and_name(&item.attrs, &mut sink);
    if let Some(parameter) = item.generics.params.first() {
        sink.push(error_at!(
            parameter,
            "a signal has no generic parameters: each name has one type of content"
        ));
        return sink.finish().into_iter().collect();
    }
    let name = match &given {
        Some(given) => {
            if !is_name(&given.value()) {
                sink.push(error_at!(
                    given,
                    "the name of a signal has 1 to {LONGEST_NAME} letters, digits, `_`, `-` and `.`, such as `order_shipped`"
                ));
            }
            given.value()
        }
        None => snake_case(&item.ident.unraw().to_string()),
    };
    let name = Literal::string(&name);
    // What the content lacks is said where the type is named.
    let shown = item.ident.span();
    let data = root.private("SignalData", shown);
    let ident = &item.ident;
    let mistakes = sink.finish();
    let span = Span::mixed_site();
    let text = quote_spanned!(span=> &'static str);
    quote! {
        #mistakes
        impl #data for #ident {
            const NAME: #text = #name;
        }
    }
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// `OrderShipped` is `order_shipped`, `HTTPError` is `http_error`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let begins_word = before.is_some_and(|before| {
            let next_is_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
            before != '_' && (!before.is_uppercase() || next_is_small)
        });
        if letter.is_uppercase() && begins_word {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_are_in_snake_case() {
        for (name, snake) in [
            ("Shipped", "shipped"),
            ("OrderShipped", "order_shipped"),
            ("HTTPError", "http_error"),
            ("Order2Shipped", "order2_shipped"),
            ("order_shipped", "order_shipped"),
            ("V2", "v2"),
            ("Ärger", "ärger"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }
}
