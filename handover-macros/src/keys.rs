//! The keys between an attribute's parentheses: `text = "agent", from = "page_inbox"`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitBool, LitStr, Meta, Path, Token};

use crate::diag::{Sink, error_at};
use crate::model::{AppValue, WELL_KNOWN_APPS};

/// The keys of one attribute, each known, none twice.
pub(crate) struct Keys {
    pairs: Vec<Pair>,
}

struct Pair {
    key: Ident,
    value: Expr,
}

/// Whose keys are read.
#[derive(Clone, Copy)]
struct KeyOwner<'a> {
    attribute: &'a str,
    known: &'a [&'a str],
}

impl KeyOwner<'_> {
    /// The next pair, after `before`.
    fn pair(self, input: ParseStream<'_>, before: Option<&Pair>) -> syn::Result<Pair> {
        if !input.peek(Ident::peek_any) {
            return Err(self.no_key(input, before));
        }
        let key = input.call(Ident::parse_any)?;
        if input.peek(Token![-]) {
            return Err(self.hyphen(&key, input));
        }
        if !input.peek(Token![=]) || input.peek(Token![==]) || input.peek(Token![=>]) {
            return Err(needs_value(&key));
        }
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(needs_value(&key));
        }
        let rest = up_to_comma(&input.fork());
        let value = match input.parse() {
            Ok(value) => value,
            Err(_) => return Err(no_expression(&key, rest)),
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            let next: TokenTree = input.parse()?;
            return Err(error_at!(next, "a comma is missing before this"));
        }
        Ok(Pair { key, value })
    }

    /// Something else where a key should be.
    fn no_key(self, input: ParseStream<'_>, before: Option<&Pair>) -> syn::Error {
        let Ok(first) = input.parse::<TokenTree>() else {
            return input.error("a key is expected here");
        };
        let is_text =
            matches!(&first, TokenTree::Literal(text) if text.to_string().starts_with('"'));
        if is_text && input.peek(Token![=]) {
            let key = first.to_string();
            let key = key.trim_matches('"');
            return error_at!(first, "a key has no quotes: `{key} = …`");
        }
        if let Some(Pair { key, value }) = before
            && is_text
            && let Expr::Lit(value) = bare(value)
        {
            let value = value.to_token_stream();
            return error_at!(
                &first,
                "several values of one key are a list in brackets: `{key} = [{value}, {first}]`"
            );
        }
        let mut value = first.to_token_stream();
        value.extend(up_to_comma(input));
        let KeyOwner { attribute, known } = self;
        let Some(key) = known.first() else {
            return error_at!(
                value,
                "`#[{attribute}]` takes nothing between its parentheses"
            );
        };
        let shown = match &first {
            TokenTree::Literal(_) => value.to_string(),
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => group.to_string(),
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => value.to_string(),
            _ => "…".to_owned(),
        };
        error_at!(
            value,
            "a value needs its key before it: `#[{attribute}({key} = {shown})]`"
        )
    }

    /// `quick-reply`.
    fn hyphen(self, key: &Ident, input: ParseStream<'_>) -> syn::Error {
        let mut written = key.to_token_stream();
        let mut meant = key.to_string();
        while let Ok(hyphen) = input.parse::<Token![-]>() {
            hyphen.to_tokens(&mut written);
            meant.push('_');
            if let Ok(part) = input.call(Ident::parse_any) {
                meant.push_str(&part.to_string());
                part.to_tokens(&mut written);
            }
        }
        let KeyOwner { attribute, known } = self;
        let given = meant.replace('_', "-");
        match nearest(&meant, known) {
            Some(near) => error_at!(
                written,
                "unknown key `{given}` (did you mean `{near}`?): keys have no hyphens"
            ),
            None => error_at!(
                written,
                "unknown key `{given}`; `#[{attribute}]` has {}",
                listed(known)
            ),
        }
    }
}

fn needs_value(key: &Ident) -> syn::Error {
    error_at!(key, "`{key}` needs a value: `{key} = …`")
}

/// Tokens before the next comma.
fn up_to_comma(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    tokens
}

/// A value that is no expression, in the words of the key and not of a parser.
fn no_expression(key: &Ident, value: TokenStream) -> syn::Error {
    let first = value.clone().into_iter().next();
    if let Some(TokenTree::Group(group)) = &first {
        if group.delimiter() == Delimiter::Bracket
            && let Some(second) = without_comma(group.stream())
        {
            return error_at!(second, "a comma is missing before this");
        }
        if group.delimiter() == Delimiter::Brace && key == "metadata" {
            return error_at!(
                group,
                "`metadata` takes any value that serializes; JSON is `metadata = serde_json::json!({group})`"
            );
        }
    }
    let what = match key.to_string().as_str() {
        "to" | "from" | "by" => "an app, such as `\"page_inbox\"`".to_owned(),
        "metadata" => "any value that serializes".to_owned(),
        "when" => "the name of a function, such as `is_open`".to_owned(),
        "typing" => "`true` or `false`".to_owned(),
        "crate" => "the path to `handover`".to_owned(),
        "reclaim_after" | "unclaimed_after" => "a time in quotes, such as `\"30m\"`".to_owned(),
        key => format!("a string in quotes, such as `{key} = \"…\"`"),
    };
    error_at!(value, "`{key}` takes {what}")
}

/// The first literal that follows another one.
fn without_comma(list: TokenStream) -> Option<TokenTree> {
    let mut after_literal = false;
    for token in list {
        let is_literal = matches!(token, TokenTree::Literal(_));
        if is_literal && after_literal {
            return Some(token);
        }
        after_literal = is_literal;
    }
    None
}

impl Keys {
    /// `known` are the keys that `attribute` has; `crate` is one of every attribute.
    pub(crate) fn parse(
        tokens: TokenStream,
        attribute: &str,
        known: &[&str],
        sink: &mut Sink,
    ) -> Self {
        let mut keys = Self { pairs: Vec::new() };
        for pair in Self::read(tokens, KeyOwner { attribute, known }) {
            let Some(pair) = sink.ok_or_push(pair) else {
                continue;
            };
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

    /// Each pair, or why it is none: a mistake in one does not hide those in others.
    fn read(tokens: TokenStream, of: KeyOwner<'_>) -> Vec<syn::Result<Pair>> {
        let pairs = |input: ParseStream<'_>| {
            let mut pairs: Vec<syn::Result<Pair>> = Vec::new();
            while !input.is_empty() {
                let before = pairs.last().and_then(|pair| pair.as_ref().ok());
                let pair = of.pair(input, before);
                pairs.push(pair);
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(pairs)
        };
        pairs
            .parse2(tokens)
            .unwrap_or_else(|error| vec![Err(error)])
    }

    /// The path that one key has, whatever else is in these tokens.
    pub(crate) fn find_path(tokens: TokenStream, key: &str) -> Option<Path> {
        let of = KeyOwner {
            attribute: "",
            known: &[],
        };
        let mut pairs = Self::read(tokens, of).into_iter().flatten();
        match bare(&pairs.find(|pair| pair.key == key)?.value) {
            Expr::Path(path) => Some(path.path.clone()),
            _ => None,
        }
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

    /// One name or a list of names; no misspelt ones.
    pub(crate) fn names(
        &self,
        key: &str,
        known: &[&str],
        is_exempt: impl Fn(&str) -> bool,
        sink: &mut Sink,
    ) -> Vec<LitStr> {
        let names = self.any_strings(key, sink);
        for name in &names {
            let given = name.value();
            if !is_exempt(&given)
                && let Some(near) = nearest(&given, known).filter(|near| *near != given)
            {
                sink.push(error_at!(
                    name,
                    "unknown {key} `{given}` (did you mean `{near}`?); if the platform has it, ask for it in `when`"
                ));
            }
        }
        names
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
                let strings = array.elems.iter().map(|element| string(key, bare(element)));
                strings.filter_map(|one| sink.ok_or_push(one)).collect()
            }
            Some(other) if list_otherwise(other).is_some() => {
                let list = list_otherwise(other).unwrap_or_default();
                sink.push(error_at!(
                    other,
                    "several values are a list in brackets: `{key} = [{list}]`"
                ));
                Vec::new()
            }
            Some(one) => sink.ok_or_push(string(key, one)).into_iter().collect(),
        }
    }

    /// One string.
    pub(crate) fn string(&self, key: &str, sink: &mut Sink) -> Option<LitStr> {
        sink.ok_or_push(string(key, self.value(key)?))
    }

    /// An app: its well-known name, its number, or a type.
    pub(crate) fn app(&self, key: &str, known: &[&str], sink: &mut Sink) -> Option<AppValue> {
        sink.ok_or_push(app(key, self.value(key)?, known))
    }

    /// `true` or `false`.
    pub(crate) fn switch(&self, key: &str, sink: &mut Sink) -> Option<LitBool> {
        match self.value(key)? {
            Expr::Lit(ExprLit {
                lit: Lit::Bool(on), ..
            }) => Some(on.clone()),
            other => {
                sink.push(error_at!(other, "`{key}` takes `true` or `false`"));
                None
            }
        }
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
                let what = match key {
                    "crate" => "the path to `handover`, such as `crate::bot`",
                    _ => "the name of a function, such as `is_open`",
                };
                sink.push(error_at!(other, "`{key}` takes {what}"));
                None
            }
        }
    }

    fn value(&self, key: &str) -> Option<&Expr> {
        let pair = self.pairs.iter().find(|pair| pair.key == key)?;
        Some(bare(&pair.value))
    }
}

/// The keys without the `@` that an attribute puts before them when it makes itself the last one,
/// and whether it was there.
pub(crate) fn without_mark(keys: TokenStream) -> (TokenStream, bool) {
    let is_marked = starts_with_mark(keys.clone());
    let keys = keys.into_iter().skip(usize::from(is_marked));
    (keys.collect(), is_marked)
}

/// Whether the attribute has made itself the last one.
pub(crate) fn is_marked(attribute: &Attribute) -> bool {
    starts_with_mark(of(attribute))
}

/// Tokens between the attribute's parentheses.
pub(crate) fn of(attribute: &Attribute) -> TokenStream {
    match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::Path(_) => TokenStream::new(),
        // Here rustc says nothing, for it never calls the attribute.
        Meta::NameValue(pair) => {
            let value = &pair.value;
            quote::quote!(#value)
        }
    }
}

fn starts_with_mark(keys: TokenStream) -> bool {
    let first = keys.into_iter().next();
    matches!(first, Some(TokenTree::Punct(mark)) if mark.as_char() == '@')
}

/// Without the invisible parentheses of a macro's `$value`.
fn bare(value: &Expr) -> &Expr {
    match value {
        Expr::Group(group) => bare(&group.expr),
        value => value,
    }
}

/// Items of a list in another notation: `&["a", "b"]`, `("a", "b")`, `vec!["a"]`,
/// `"a" | "b"`.
fn list_otherwise(value: &Expr) -> Option<TokenStream> {
    match bare(value) {
        Expr::Reference(reference) => match bare(&reference.expr) {
            Expr::Array(array) => Some(array.elems.to_token_stream()),
            _ => None,
        },
        Expr::Tuple(tuple) if tuple.elems.len() > 1 => Some(tuple.elems.to_token_stream()),
        Expr::Macro(call) if call.mac.path.is_ident("vec") => Some(call.mac.tokens.clone()),
        Expr::Binary(binary) => {
            let mut list =
                list_otherwise(&binary.left).unwrap_or_else(|| binary.left.to_token_stream());
            let right =
                list_otherwise(&binary.right).unwrap_or_else(|| binary.right.to_token_stream());
            list.extend(quote::quote!(, #right));
            Some(list)
        }
        _ => None,
    }
}

fn string(key: &str, value: &Expr) -> syn::Result<LitStr> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(string),
        ..
    }) = value
    else {
        return Err(no_string(key, value));
    };
    if string.value().is_empty() {
        return Err(error_at!(
            string,
            "`{key}` is empty: write a value, or leave the key out"
        ));
    }
    Ok(string.clone())
}

fn no_string(key: &str, value: &Expr) -> syn::Error {
    match value {
        Expr::Path(path) if path.path.get_ident().is_some_and(is_lowercase) => {
            let name = path.to_token_stream();
            error_at!(
                value,
                "`{key}` takes a string in quotes: `{key} = \"{name}\"`"
            )
        }
        Expr::Path(_) => error_at!(
            value,
            "`{key}` takes the string itself in quotes, such as `{key} = \"…\"`: an attribute is read before constants have values"
        ),
        Expr::Macro(_) | Expr::Call(_) | Expr::MethodCall(_) => error_at!(
            value,
            "`{key}` takes the string itself in quotes, such as `{key} = \"…\"`: an attribute is read before anything is called"
        ),
        _ => error_at!(
            value,
            "`{key}` takes a string in quotes, such as `{key} = \"…\"`"
        ),
    }
}

fn is_lowercase(name: &Ident) -> bool {
    !name.to_string().contains(char::is_uppercase)
}

fn app(key: &str, value: &Expr, known: &[&str]) -> syn::Result<AppValue> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(name),
            ..
        }) => {
            let given = name.value();
            let found = WELL_KNOWN_APPS.iter().find(|(wire, _)| *wire == given);
            match found.filter(|(wire, _)| known.contains(wire)) {
                Some((_, marker)) => Ok(AppValue::WellKnown(marker, name.span())),
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
            Ok(_) => Ok(AppValue::Number(number.clone())),
            Err(_) => Err(error_at!(
                number,
                "this is not an app id: it does not fit into 64 bits"
            )),
        },
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => match no_type(key, path, known) {
            Some(error) => Err(error),
            None => Ok(AppValue::Type(path.clone())),
        },
        other => Err(error_at!(
            other,
            "`{key}` takes an app: {}, a number, or a type that implements `Target`",
            listed(known),
        )),
    }
}

/// Paths that look like an app and are no type: `page_inbox`, `TargetApp::Inbox`.
fn no_type(key: &str, path: &Path, known: &[&str]) -> Option<syn::Error> {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|one| one.ident.to_string())
        .collect();
    let last = names.last()?;
    if let [name] = &names[..]
        && let Some(near) = nearest(name, known)
        && !name.contains(char::is_uppercase)
    {
        return Some(error_at!(
            path,
            "an app's name is in quotes: `{key} = \"{near}\"`"
        ));
    }
    if names
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|of| of == "TargetApp")
    {
        let named = match last.as_str() {
            "Inbox" => "`\"page_inbox\"`",
            "InstagramInbox" => "`\"instagram_inbox\"`",
            "DefaultApp" => "`\"default_app\"`",
            "Requester" => "`\"requester\"`",
            _ => "an id in digits",
        };
        return Some(error_at!(
            path,
            "`{key}` takes a name, an id or a type, and not a value: write {named}"
        ));
    }
    None
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

/// ` (did you mean …?)` if one of the names is close.
fn suggestion(given: &str, names: &[&str]) -> String {
    let near = nearest(given, names);
    near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

/// The name that was probably meant.
fn nearest<'a>(given: &str, names: &[&'a str]) -> Option<&'a str> {
    let (distance, name) = names
        .iter()
        .map(|name| (distance(given, name), *name))
        .min()?;
    (distance <= (name.len() / 3).max(1)).then_some(name)
}

/// How many letters have to be put in, left out or changed, or swapped with the next one
/// (Damerau and Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let [a, b] = [a, b].map(|word| word.chars().collect::<Vec<_>>());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let left_out = rows[i - 1][j] + 1;
            let put_in = row[j - 1] + 1;
            let is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            let swapped = if is_swapped {
                rows[i - 2][j - 2] + 1
            } else {
                changed
            };
            row.push(changed.min(left_out).min(put_in).min(swapped));
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
