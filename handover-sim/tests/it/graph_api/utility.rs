//! Utility messages: approved templates, at any time.

use crate::graph_api::ask::{PARAMETER, Refused};
use crate::support::rules::{DAY, Rules};
use handover_sim::platform::Platform;
use serde_json::{Value, json};

fn template() -> Value {
    json!({"name": "order_sent", "language": "en", "category": "UTILITY",
           "components": [{"type": "BODY", "text": "Hi {{1}}, order {{2}} is on its way."}]})
}

fn utility(rules: &mut Rules, name: &str, gaps: &[&str]) -> Result<Value, Refused> {
    let gaps: Vec<_> = gaps
        .iter()
        .map(|gap| json!({"type": "text", "text": gap}))
        .collect();
    let body = json!({"recipient": {"id": rules.ana}, "messaging_type": "UTILITY",
        "template": {"name": name, "language": {"code": "en"},
                     "components": [{"type": "body", "parameters": gaps}]}});
    rules.post(body)
}

#[test]
fn approved_templates_are_sent_at_any_time_with_their_gaps_filled() {
    let mut rules = Rules::with_bot_as_owner();
    let created = rules.ask(Platform::create_template, template()).unwrap();
    assert!(created["id"].is_string());
    assert_eq!(created["status"], "APPROVED");
    rules.later(30 * DAY);
    assert!(utility(&mut rules, "order_sent", &["Ana", "17"]).is_ok());
    let newest = rules.thread().messages().next_back().unwrap();
    assert_eq!(
        newest.text.as_deref(),
        Some("Hi Ana, order 17 is on its way.")
    );
}

#[test]
fn templates_have_to_be_known_and_every_gap_filled() {
    let mut rules = Rules::with_bot_as_owner();
    assert_eq!(
        utility(&mut rules, "order_sent", &["Ana", "17"]),
        Err(PARAMETER)
    );
    rules.ask(Platform::create_template, template()).unwrap();
    assert_eq!(utility(&mut rules, "order_sent", &["Ana"]), Err(PARAMETER));
    let body = json!({"recipient": {"id": rules.ana}, "messaging_type": "UTILITY",
                      "message": {"text": "hi"}});
    assert_eq!(rules.post(body), Err(PARAMETER), "a message is no template");
}

#[test]
fn templates_need_a_name_a_language_and_a_body() {
    let mut rules = Rules::with_bot_as_owner();
    for (key, value) in [
        ("name", json!("Order sent")),
        ("name", Value::Null),
        ("language", Value::Null),
        ("category", json!("MARKETING")),
        ("components", json!([{"type": "HEADER", "text": "Hi"}])),
        ("components", json!([])),
    ] {
        let mut bad = template();
        bad[key] = value;
        assert_eq!(
            rules.ask(Platform::create_template, bad),
            Err(PARAMETER),
            "{key}"
        );
    }
    rules.ask(Platform::create_template, template()).unwrap();
    let again = rules.ask(Platform::create_template, template());
    assert_eq!(again, Err(PARAMETER), "there is one already");
    let list = rules.ask(
        |p, c, a| p.templates(c, a),
        json!({"fields": "name,components"}),
    );
    assert_eq!(list.unwrap()["data"][0]["name"], "order_sent");
}
