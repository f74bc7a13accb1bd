//! Payload patterns such as `"ORDER:{id}"`.

use syn::{Ident, LitStr};

use crate::diag::error_at;

/// Each brace opens or closes a name that is an identifier, once, or is doubled.
pub(super) fn check(pattern: &LitStr) -> syn::Result<()> {
    let text = pattern.value();
    let mut names = Vec::new();
    let mut rest = text.as_str();
    while let Some(brace) = rest.find(['{', '}']) {
        let tail = &rest[brace..];
        rest = if tail.starts_with("{{") || tail.starts_with("}}") {
            &tail[2..]
        } else {
            let closed = tail.strip_prefix('{').and_then(|name| name.split_once('}'));
            let Some((name, after)) = closed else {
                return Err(error_at!(
                    pattern,
                    "a brace in a pattern opens or closes a name; write `{{{{` or `}}}}` for the brace itself"
                ));
            };
            if syn::parse_str::<Ident>(name).is_err() {
                return Err(error_at!(
                    pattern,
                    "`{{{name}}}` is not a capture: its name has letters, digits and `_`, as in `{{id}}`"
                ));
            }
            if names.contains(&name) {
                return Err(error_at!(
                    pattern,
                    "`{{{name}}}` stands in this pattern twice"
                ));
            }
            names.push(name);
            after
        };
    }
    Ok(())
}
