//! Items, keys and lists as they are written, with changes anywhere in them.

use std::mem;

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{are_items, is_kept};
use crate::model::{KeyName, TriggerName};
use crate::{attribute, expand, parse};

/// Tokens of Rust, of the attributes, and arbitrary ones.
const WORDS: &str = "
    async fn pub const unsafe extern impl dyn mut self Self where for struct enum union mod let true
    _ T r#fn r#text é 'a __private WithHandoff handoff on_message handover crate text to when ref
    = == => -> , ; : :: < > & && * ! ? # $ @ . .. ..= | - + ^ % / ~
";

const LITERALS: &str = r##"
    "" "agent" "page_inbox" "error" "30m" "9999999999999999999d" "ORDER:{id}" "{" "{}}" "{a}{b}{a}"
    r#"("# "[a-" "\u{0}é\\" "suffixed"u8 b"bytes" c"c" b'b' 'c'
    1 1u8 1suffix 1_000 0xff 0b1i128 1.5 1e400 340282366920938463463374607431768211456
"##;

/// Handlers, and what else an attribute or a derive can be put on.
const ITEMS: &[&str] = &[
    "async fn greet() {}",
    "/// Docs.\npub(crate) async fn agent(sender: Sender, mut text: Text) -> Result<String, Error> { text.into() }",
    "#[handoff(to = Desk, say = \"…\")] async fn agent((thread, text): (Thread, Text)) -> &'static str { \"…\" }",
    "#[on_message] async fn agent() -> ::handover::__private::WithHandoff<String, Desk> { todo!() }",
    "#[cfg(test)] #[instrument] pub async fn order(Payload(id): Payload<u64>) -> [u8; { 1 + 1 }] { [0; 2] }",
    "const unsafe extern \"C\" fn greet<'a, T: Into<String>>(&self, text: &'a str) -> impl Display where T: Copy { }",
    "fn main() -> ! { loop {} }",
    "async fn greet(self: Box<Self>);",
    "struct App<T: Copy = u8> where T: Send { desk: Desk, pub shop: Arc<Shop<T>>, again: Desk }",
    "#[handover(crate = bot)] struct App(u8, String);",
    "enum Color { Red, Green(u8) }",
    "union Bits { one: u8, other: u16 }",
    "impl Shop { async fn greet() {} }",
];

/// Keys as they should be.
const KEYS: &[&str] = &[
    "",
    "text = [\"agent\", \"human\"], object = \"page\", when = hours::open",
    "regex = r\"order (?<number>\\d+)\", page = \"1\", crate = crate::bot",
    "payload = [\"ORDER:{id}\", \"ORDER:{shop}:{id}\"], ref = \"a\"",
    "from = \"page_inbox\", to = 1234, by = apps::Shop",
    "to = Desk, say = \"…\", metadata = reason(1 + 2), reclaim_after = \"30m\", when = is_long, on = \"error\"",
    "reaction = \"love\", action = \"react\", kind = \"message\", name = \"soon\", status = \"linked\"",
];

/// What `routes!` passes on.
const LISTS: &[&str] = &[
    "root;",
    "root; greet",
    "root; agent, desk::back_again, self::r#fn,",
];

fn words(words: &'static str) -> Vec<&'static str> {
    words.split_whitespace().collect()
}

/// A token, or tokens between delimiters.
#[derive(Clone, Debug)]
enum RandomToken {
    Word(String),
    Group(Delimiter, Vec<RandomToken>),
}

impl RandomToken {
    fn word(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

#[derive(Clone, Debug)]
enum TokenMutation {
    Delete,
    Double,
    SwapWithNext,
    Replace(RandomToken),
    Insert(RandomToken),
}

fn token() -> impl Strategy<Value = RandomToken> {
    let text = "[-a{}()\\[\\]<>?:|*é0-9 smhd\\\\]{0,8}".prop_map(|text| format!("{text:?}"));
    let word = prop_oneof![
        6 => select(words(WORDS)).prop_map(str::to_owned),
        2 => select(words(LITERALS)).prop_map(str::to_owned),
        1 => text,
    ];
    let delimiter = select(
        &[
            Delimiter::Parenthesis,
            Delimiter::Brace,
            Delimiter::Bracket,
            Delimiter::None,
        ][..],
    );
    let word = word.prop_map(RandomToken::Word);
    word.prop_recursive(3, 16, 4, move |inner| {
        let group = (delimiter.clone(), vec(inner, 0..4));
        group.prop_map(|(delimiter, tokens)| RandomToken::Group(delimiter, tokens))
    })
}

fn change() -> impl Strategy<Value = TokenMutation> {
    prop_oneof![
        Just(TokenMutation::Delete),
        Just(TokenMutation::Double),
        Just(TokenMutation::SwapWithNext),
        token().prop_map(TokenMutation::Replace),
        token().prop_map(TokenMutation::Insert),
    ]
}

/// One of these with up to four changes anywhere in it, or tokens at random.
fn like(valid: &'static [&'static str]) -> impl Strategy<Value = Vec<RandomToken>> {
    let changes = vec((vec(any::<Index>(), 1..4), change()), 0..5);
    prop_oneof![
        1 => vec(token(), 0..12),
        4 => (select(valid), changes).prop_map(|(code, changes)| {
            let mut tokens = read(code.parse().unwrap());
            for (place, change) in changes {
                apply(change, &mut tokens, &place);
            }
            tokens
        }),
    ]
}

/// Arguments of an attribute, often with keys that it has.
fn keys(known: Vec<&'static str>) -> impl Strategy<Value = Vec<RandomToken>> {
    let value = prop_oneof![token(), select(words(LITERALS)).prop_map(RandomToken::word)];
    let pair = (select(known), value).prop_map(|(key, value)| {
        [
            RandomToken::word(key),
            RandomToken::word("="),
            value,
            RandomToken::word(","),
        ]
    });
    prop_oneof![like(KEYS), vec(pair, 0..5).prop_map(|pairs| pairs.concat()),]
}

fn trigger_and_keys() -> impl Strategy<Value = (TriggerName, Vec<RandomToken>)> {
    select(TriggerName::ALL).prop_flat_map(|trigger| {
        let known = trigger.keys().map(KeyName::name).collect();
        (Just(trigger), keys(known))
    })
}

/// Each index leads one group deeper.
fn apply(change: TokenMutation, tokens: &mut Vec<RandomToken>, place: &[Index]) {
    if tokens.is_empty() {
        if let TokenMutation::Insert(token) = change {
            tokens.push(token);
        }
        return;
    }
    let at = place[0].index(tokens.len());
    match (&mut tokens[at], &place[1..], change) {
        (RandomToken::Group(_, inner), deeper @ [_, ..], change) => apply(change, inner, deeper),
        (_, _, TokenMutation::Delete) => drop(tokens.remove(at)),
        (token, _, TokenMutation::Double) => {
            let token = token.clone();
            tokens.insert(at, token);
        }
        (_, _, TokenMutation::SwapWithNext) => {
            let next = (at + 1) % tokens.len();
            tokens.swap(at, next);
        }
        (token, _, TokenMutation::Replace(other)) => *token = other,
        (_, _, TokenMutation::Insert(other)) => tokens.insert(at, other),
    }
}

/// Punctuation of several characters is one word.
fn read(stream: TokenStream) -> Vec<RandomToken> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    for token in stream {
        if let TokenTree::Group(group) = &token {
            tokens.push(RandomToken::Group(group.delimiter(), read(group.stream())));
            continue;
        }
        word.push_str(&token.to_string());
        if !matches!(token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint) {
            tokens.push(RandomToken::Word(mem::take(&mut word)));
        }
    }
    tokens
}

fn stream(tokens: &[RandomToken]) -> TokenStream {
    let trees = tokens.iter().flat_map(|token| match token {
        RandomToken::Word(word) => word.parse().unwrap(),
        RandomToken::Group(delimiter, inner) => {
            TokenStream::from(TokenTree::from(Group::new(*delimiter, stream(inner))))
        }
    });
    trees.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_000))]

    #[test]
    fn a_handler_keeps_its_body_as_it_was(
        (trigger, keys) in trigger_and_keys(),
        item in like(ITEMS),
    ) {
        let item = stream(&item);
        let output = attribute::on(trigger, stream(&keys), item.clone());
        prop_assert!(is_kept(&item, &output), "{output}");
    }

    #[test]
    fn a_handoff_keeps_the_body_as_it_was(
        keys in keys(parse::handoff::KEYS.to_vec()),
        item in like(ITEMS),
    ) {
        let item = stream(&item);
        let output = attribute::handoff(stream(&keys), item.clone());
        prop_assert!(is_kept(&item, &output), "{output}");
    }

    #[test]
    fn routes_are_one_expression_or_mistake(list in like(LISTS)) {
        let output = parse::whole(stream(&list), expand::routes::expand);
        prop_assert!(syn::parse2::<syn::Expr>(output.clone()).is_ok() || are_items(output));
    }

    #[test]
    fn a_derive_writes_items(item in like(ITEMS)) {
        for expand in [expand::state::expand, expand::payload::expand] {
            let output = parse::whole(stream(&item), expand);
            prop_assert!(are_items(output.clone()), "{output}");
        }
    }
}
