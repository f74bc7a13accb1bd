//! The keys between an attribute's parentheses: `text = "agent", from = "page_inbox"`.

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprPath, Ident, Lit, LitStr, Path, Token};

use crate::diag::{Sink, error_at};
use crate::model::{App, WELL_KNOWN_APPS};

/// The keys of one attribute, each known, none twice.
pub(crate) struct Keys {
    pairs: Vec<Pair>,
}

struct Pair {
    key: Ident,
    value: Expr,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(error_at!(&key, "`{key}` needs a value: `{key} = …`"));
        }
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(error_at!(&key, "`{key}` needs a value: `{key} = …`"));
        }
        Ok(Self {
            value: input.parse()?,
            key,
        })
    }
}

impl Keys {
    /// `known` are the keys that `attribute` has; `crate` is one of every attribute.
    pub(crate) fn parse(
        tokens: TokenStream,
        attribute: &str,
        known: &[&str],
        sink: &mut Sink,
    ) -> Self {
        let parser = Punctuated::<Pair, Token![,]>::parse_terminated;
        let parsed = sink.keep(syn::parse::Parser::parse2(parser, tokens));
        let mut keys = Self { pairs: Vec::new() };
        for pair in parsed.into_iter().flatten() {
            let key = &pair.key;
            if !known.iter().any(|known| key == known) && key != "crate" {
                sink.push(unknown(key, attribute, known));
            } else if keys.pairs.iter().any(|earlier| earlier.key == *key) {
                sink.push(error_at!(key, "`{key}` is given twice"));
            } else {
                keys.pairs.push(pair);
            }
        }
        keys
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// One string or a list of strings; where names are known, only those. None without the key.
    pub(crate) fn strings(&self, key: &str, known: &[&str], sink: &mut Sink) -> Vec<LitStr> {
        let strings = self.any_strings(key, sink);
        for string in strings.iter().filter(|_| !known.is_empty()) {
            let given = string.value();
            if !known.contains(&given.as_str()) {
                sink.push(error_at!(
                    string,
                    "unknown {key} `{given}`{}; known are {}",
                    suggestion(&given, known),
                    listed(known),
                ));
            }
        }
        strings
    }

    fn any_strings(&self, key: &str, sink: &mut Sink) -> Vec<LitStr> {
        match self.value(key) {
            None => Vec::new(),
            Some(Expr::Array(array)) => {
                if array.elems.is_empty() {
                    sink.push(error_at!(
                        array,
                        "`{key}` lists nothing, so the handler could never run"
                    ));
                }
                let strings = array.elems.iter().map(|element| string(key, element));
                strings.filter_map(|one| sink.keep(one)).collect()
            }
            Some(one) => sink.keep(string(key, one)).into_iter().collect(),
        }
    }

    /// One string.
    pub(crate) fn string(&self, key: &str, sink: &mut Sink) -> Option<LitStr> {
        sink.keep(string(key, self.value(key)?))
    }

    /// An app: its well-known name, its number, or a type.
    pub(crate) fn app(&self, key: &str, known: &[&str], sink: &mut Sink) -> Option<App> {
        sink.keep(app(key, self.value(key)?, known))
    }

    /// Any expression.
    pub(crate) fn expression(&self, key: &str) -> Option<&Expr> {
        self.value(key)
    }

    /// A path.
    pub(crate) fn path(&self, key: &str, sink: &mut Sink) -> Option<Path> {
        match self.value(key)? {
            Expr::Path(ExprPath {
                qself: None, path, ..
            }) => Some(path.clone()),
            other => {
                sink.push(error_at!(
                    other,
                    "`{key}` takes a path, such as `crate::bot`"
                ));
                None
            }
        }
    }

    fn value(&self, key: &str) -> Option<&Expr> {
        let pair = self.pairs.iter().find(|pair| pair.key == key)?;
        Some(&pair.value)
    }
}

fn string(key: &str, value: &Expr) -> syn::Result<LitStr> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(string),
        ..
    }) = value
    else {
        return Err(error_at!(
            value,
            "`{key}` takes a string in quotes, such as `{key} = \"…\"`"
        ));
    };
    if string.value().is_empty() {
        return Err(error_at!(string, "`{key}` is empty"));
    }
    Ok(string.clone())
}

fn app(key: &str, value: &Expr, known: &[&str]) -> syn::Result<App> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(name),
            ..
        }) => {
            let given = name.value();
            let found = WELL_KNOWN_APPS.iter().find(|(wire, _)| *wire == given);
            match found.filter(|(wire, _)| known.contains(wire)) {
                Some((_, marker)) => Ok(App::WellKnown(marker, name.span())),
                None => Err(error_at!(
                    name,
                    "unknown app `{given}`{}; known are {}, a number in digits, and a type that implements `Target`",
                    suggestion(&given, known),
                    listed(known),
                )),
            }
        }
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => match number.base10_parse::<u64>() {
            Ok(_) => Ok(App::Number(number.clone())),
            Err(_) => Err(error_at!(
                number,
                "this is not an app id: it does not fit into 64 bits"
            )),
        },
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => Ok(App::Type(path.clone())),
        other => Err(error_at!(
            other,
            "`{key}` takes an app: {}, a number, or a type that implements `Target`",
            listed(known),
        )),
    }
}

fn unknown(key: &Ident, attribute: &str, known: &[&str]) -> syn::Error {
    if known.is_empty() {
        return error_at!(key, "unknown key `{key}`: `#[{attribute}]` has no keys");
    }
    error_at!(
        key,
        "unknown key `{key}`{}; `#[{attribute}]` has {}",
        suggestion(&key.to_string(), known),
        listed(known),
    )
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// `; did you mean …?` if one of the names is close.
fn suggestion(given: &str, names: &[&str]) -> String {
    let near = names
        .iter()
        .map(|name| (distance(given, name), name))
        .min()
        .filter(|(distance, name)| *distance <= (name.len() / 3).max(1));
    near.map_or_else(String::new, |(_, name)| format!("; did you mean `{name}`?"))
}

/// How many letters have to be put in, left out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
