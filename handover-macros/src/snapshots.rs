//! What becomes of handlers, in full: `snapshots/` holds a file for each case.
//!
//! `INSTA_UPDATE=always cargo test -p handover-macros` regenerates them.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::TriggerName;
use crate::{attribute, expand, parse};

#[test]
fn handler_without_keys() {
    golden(
        "handler_without_keys",
        &attributed("on_message", "", "async fn greet() {}"),
    );
}

#[test]
fn handler_with_keys() {
    golden(
        "handler_with_keys",
        &attributed(
            "on_message",
            r#"text = ["agent", "human"], object = "page", when = hours::open"#,
            r#"/// For people.
pub(crate) async fn agent(sender: Sender, State(desk): State<Desk>) -> Result<String, Error> {
    desk.call(sender).await
}"#,
        ),
    );
}

#[test]
fn handler_with_apps() {
    golden(
        "handler_with_apps",
        &attributed(
            "on_take_thread_control",
            r#"from = "page_inbox", to = 1234, by = apps::Shop, crate = bot"#,
            "async fn taken() {}",
        ),
    );
}

#[test]
fn handler_with_pattern() {
    golden(
        "handler_with_pattern",
        &attributed(
            "on_postback",
            r#"payload = "ORDER:{id}""#,
            "async fn order(Payload(id): Payload<u64>) -> String { describe(id) }",
        ),
    );
}

#[test]
fn handoff_alone() {
    golden(
        "handoff_alone",
        &attributed(
            "handoff",
            r#"to = "page_inbox", say = "A moment, please.", metadata = reason(), reclaim_after = "30m", unclaimed_after = "5m""#,
            "async fn escalate((thread, text): (Thread, Text)) -> String { text.into() }",
        ),
    );
}

#[test]
fn handoff_below() {
    golden(
        "handoff_below",
        &attributed(
            "on_message",
            r#"text = "agent""#,
            "#[handoff(to = Desk)]\nasync fn agent() -> &'static str { \"A moment, please.\" }",
        ),
    );
}

#[test]
fn handoff_above() {
    golden(
        "handoff_above",
        &attributed(
            "handoff",
            "to = Desk",
            "#[on_message]\nasync fn agent() -> &'static str { \"A moment, please.\" }",
        ),
    );
}

#[test]
fn several_triggers() {
    golden(
        "several_triggers",
        &attributed(
            "on_message",
            r#"text = "agent""#,
            "#[on_postback(payload = \"AGENT\")]\nasync fn agent() {}",
        ),
    );
}

#[test]
fn other_attributes_come_first() {
    golden(
        "other_attributes_come_first",
        &attributed(
            "on_message",
            r#"text = "agent""#,
            "#[instrument]\nasync fn agent() {}",
        ),
    );
}

#[test]
fn half_typed_body() {
    golden(
        "half_typed_body",
        &attributed(
            "on_message",
            "",
            "async fn greet(text: Text) -> String { let x = text. }",
        ),
    );
}

#[test]
fn half_typed_key() {
    golden(
        "half_typed_key",
        &attributed("on_message", "te", "async fn greet() {}"),
    );
}

#[test]
fn half_typed_value() {
    golden(
        "half_typed_value",
        &attributed(
            "on_message",
            r#"text = , regex = "(""#,
            "async fn greet() {}",
        ),
    );
}

#[test]
fn half_typed_handoff() {
    golden(
        "half_typed_handoff",
        &attributed(
            "handoff",
            "to = ",
            "async fn agent() -> String { String::new() }",
        ),
    );
}

#[test]
fn several_mistakes() {
    golden(
        "several_mistakes",
        &attributed(
            "on_message",
            r#"txt = "hi""#,
            "fn greet<T>(text: &str) -> impl Display { text }",
        ),
    );
}

#[test]
fn routes() {
    let list = "agent, desk::back_again";
    let tokens = tokens(&format!("root; {list}"));
    let expression = parse::whole(tokens, expand::routes::expand);
    golden(
        "routes",
        &format!(
            "routes![{list}]\n\n{}",
            pretty(quote!(const ROUTES: Routes = #expression;))
        ),
    );
}

#[test]
fn bot_state() {
    let item = "struct App { desk: Desk, shop: Arc<Shop> }";
    let output = parse::whole(tokens(item), expand::state::expand);
    golden("bot_state", &derived("BotState", item, output));
}

#[test]
fn from_payload() {
    let item = "struct Order { shop: String, id: u64 }";
    let output = parse::whole(tokens(item), expand::payload::expand);
    golden("from_payload", &derived("FromPayload", item, output));
}

fn golden(name: &str, expansion: &str) {
    let mut settings = insta::Settings::new();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, expansion));
}

/// What is written, and what it becomes.
fn attributed(attribute: &str, keys: &str, item: &str) -> String {
    let trigger = TriggerName::ALL.iter().find(|one| one.name() == attribute);
    let output = match trigger {
        Some(trigger) => attribute::on(*trigger, tokens(keys), tokens(item)),
        None => attribute::handoff(tokens(keys), tokens(item)),
    };
    let keys = if keys.is_empty() {
        String::new()
    } else {
        format!("({keys})")
    };
    format!(
        "#[{attribute}{keys}]\n{item}\n\n// becomes\n\n{}",
        pretty(output)
    )
}

fn derived(name: &str, item: &str, output: TokenStream) -> String {
    format!(
        "#[derive({name})]\n{item}\n\n// is followed by\n\n{}",
        pretty(output)
    )
}

fn tokens(code: &str) -> TokenStream {
    code.parse().unwrap()
}

/// As a file, or as it is where a body is half typed.
fn pretty(items: TokenStream) -> String {
    let words = items.to_string();
    syn::parse2(items).map_or(words, |file| prettyplease::unparse(&file))
}
