//! Personas.

use crate::graph_api::ask::{PARAMETER, long};
use crate::support::rules::Rules;
use handover_sim::platform::Platform;
use serde_json::{Value, json};

fn persona(name: &str) -> Value {
    json!({"name": name, "profile_picture_url": "https://cdn.example/ben.png"})
}

#[test]
fn personas_are_made_listed_shown_and_deleted() {
    let mut rules = Rules::with_bot_as_owner();
    let id = rules.ask(Platform::create_persona, persona("Ben")).unwrap()["id"].clone();
    let id = id.as_str().unwrap();
    let whole =
        json!({"id": id, "name": "Ben", "profile_picture_url": "https://cdn.example/ben.png"});
    let list = rules.ask(|p, c, a| p.personas(c, a), json!({})).unwrap();
    assert_eq!(list["data"], json!([whole]));
    let shown = rules.ask_of(|p, c| p.persona(c, id, &serde_json::Map::new()));
    assert_eq!(shown, Ok(whole));
    let deleted = rules.ask_of(|p, c| p.delete_persona(c, id));
    assert_eq!(deleted, Ok(json!({"success": true})));
    let list = rules.ask(|p, c, a| p.personas(c, a), json!({})).unwrap();
    assert_eq!(list["data"], json!([]));
}

#[test]
fn a_personas_name_has_at_most_50_characters() {
    let mut rules = Rules::with_bot_as_owner();
    assert!(
        rules
            .ask(Platform::create_persona, persona(&long(50)))
            .is_ok()
    );
    assert_eq!(
        rules.ask(Platform::create_persona, persona(&long(51))),
        Err(PARAMETER)
    );
    assert_eq!(
        rules.ask(Platform::create_persona, json!({"name": "Ben"})),
        Err(PARAMETER)
    );
}

#[test]
fn messages_are_sent_in_the_name_of_a_persona_until_it_is_deleted() {
    let mut rules = Rules::with_bot_as_owner();
    let id = rules.ask(Platform::create_persona, persona("Ben")).unwrap()["id"].clone();
    let body = json!({"recipient": {"id": rules.ana}, "message": {"text": "hi"}, "persona_id": id});
    assert!(rules.post(body.clone()).is_ok());
    let newest = rules.thread().messages().next_back().unwrap();
    assert_eq!(newest.persona.as_deref(), Some("Ben"));
    rules
        .ask_of(|p, c| p.delete_persona(c, id.as_str().unwrap()))
        .unwrap();
    assert_eq!(rules.post(body), Err(PARAMETER));
}
