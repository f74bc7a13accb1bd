//! What Meta's own apps and automations write in the account's name, and what echoes say of it.

use crate::support::rules::{
    BOT, DAY, INBOX, INSTAGRAM, PAGE, Rules, SHOP, delivered, item, tells,
};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::OutgoingMessage;
use handover_sim::platform::{
    Account, ActionError, Behavior, Deletions, EchoAppId, EchoedTemplate, NewMessageEdit, Origin,
    Routing, WebhookDelivery,
};
use serde_json::{Value, json};

/// The messages of the echoes that the bot gets.
fn echoes(deliveries: &[WebhookDelivery]) -> Vec<Value> {
    let to_the_bot = deliveries.iter().filter(|one| one.app == BOT);
    to_the_bot
        .filter(|one| one.event.body.kind() == "echo")
        .map(|one| item(one)["message"].take())
        .collect()
}

impl Rules {
    fn account_says(&mut self, origin: Origin) -> Vec<WebhookDelivery> {
        self.act(|platform, ana, now| platform.account_says(ana, "this is Ben", origin, now))
            .unwrap()
            .deliveries
    }

    fn sends(&mut self, payload: &Value) -> Value {
        let attachment = json!({"type": "template", "payload": payload});
        let attachment = serde_json::from_value(attachment).unwrap();
        let mut request = self.text("");
        request.message = Some(OutgoingMessage::attachment(attachment));
        let sent = self.send(&BOT, &request).unwrap();
        echoes(&sent.deliveries)[0]["attachments"][0].take()
    }
}

fn page(routing: Routing) -> Rules {
    let mut rules = Rules::on(Account::page(PAGE, "Kaffeehaus").routing(routing));
    rules.ana_says("hello");
    rules
}

fn instagram() -> Rules {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    rules
}

#[test]
fn a_human_answers_beside_the_owner_in_every_mode() {
    let modes = [
        Routing::ZeroConfig,
        Routing::to(BOT),
        Routing::to(INBOX),
        Routing::Legacy { primary: None },
        Routing::Legacy { primary: Some(BOT) },
    ];
    for mut rules in modes.map(page).into_iter().chain([instagram()]) {
        let before = rules.owner();
        for origin in [Origin::Inbox, Origin::NativeApp, Origin::Ai] {
            let said = rules.account_says(origin);
            assert_eq!(echoes(&said).len(), 1, "{origin:?}");
            assert_eq!(rules.owner(), before, "{origin:?}");
        }
    }
    let mut rules = page(Routing::to(BOT));
    assert_eq!(
        delivered(&rules.account_says(Origin::Inbox)),
        tells([
            (BOT, Messaging, "echo"),
            (SHOP, Standby, "echo"),
            (BOT, Messaging, "delivery"),
            (SHOP, Standby, "delivery"),
        ])
    );
}

#[test]
fn humans_answer_beside_the_owner_for_seven_days() {
    let mut rules = page(Routing::to(BOT));
    let say = |rules: &mut Rules, text: &str| {
        let said =
            rules.act(|platform, ana, now| platform.account_says(ana, text, Origin::Inbox, now));
        said.map(drop)
    };
    assert_eq!(say(&mut rules, " "), Err(ActionError::Empty));
    rules.later(7 * DAY - 1);
    assert_eq!(say(&mut rules, "hello"), Ok(()));
    rules.later(1);
    assert_eq!(say(&mut rules, "hello"), Err(ActionError::WindowClosed));
}

#[test]
fn echoes_of_a_page_name_the_inbox_but_not_the_native_app() {
    let mut rules = page(Routing::to(BOT));
    let mut echo = |origin| echoes(&rules.account_says(origin)).remove(0);
    let inbox = echo(Origin::Inbox);
    assert_eq!(inbox["app_id"], 263_902_037_430_900_u64);
    assert_eq!(inbox["text"], "this is Ben");
    assert_eq!(inbox["ai_generated"], Value::Null);
    assert_eq!(echo(Origin::NativeApp)["app_id"], Value::Null);
    let ai = echo(Origin::Ai);
    assert_eq!(ai["app_id"], 263_902_037_430_900_u64);
    assert_eq!(ai["ai_generated"], true);
    assert_eq!(ai["metadata"], r#"{"source":"axon"}"#);
}

#[test]
fn echoes_of_instagram_name_no_app() {
    let mut rules = instagram();
    let hello = rules.text("hello");
    let sent = rules.send(&BOT, &hello).unwrap();
    let echo = json!({"mid": sent.value.message_id, "text": "hello", "is_echo": true});
    assert_eq!(echoes(&sent.deliveries), [echo]);
    for origin in [Origin::Inbox, Origin::NativeApp, Origin::Ai] {
        let echo = echoes(&rules.account_says(origin)).remove(0);
        assert_eq!(echo["app_id"], Value::Null, "{origin:?}");
        assert_eq!(echo["ai_generated"] == true, origin == Origin::Ai);
    }
}

#[test]
fn optionally_echoes_of_instagram_name_the_app() {
    let mut rules = instagram().with_behavior(Behavior {
        instagram_echo_app_id: EchoAppId::Present,
        ..Behavior::default()
    });
    let hello = rules.text("hello");
    let sent = rules.send(&BOT, &hello).unwrap();
    assert_eq!(
        echoes(&sent.deliveries)[0]["app_id"],
        1_517_776_481_860_111_u64
    );
    let inbox = echoes(&rules.account_says(Origin::Inbox)).remove(0);
    assert_eq!(inbox["app_id"], 1_217_981_644_879_628_u64);
}

#[test]
fn the_inbox_answers_the_first_message_by_itself() {
    let account = Account::page(PAGE, "Kaffeehaus")
        .default_app(BOT)
        .instant_reply("We will be with you soon.");
    let mut rules = Rules::on(account);
    let said = rules.ana_says("hello");
    assert_eq!(said[0].event.body.kind(), "message", "the message is first");
    let echo = echoes(&said).remove(0);
    assert_eq!(echo["text"], "We will be with you soon.");
    assert_eq!(echo["app_id"], 263_902_037_430_900_u64);
    assert_eq!(rules.owner(), Some(BOT));
    assert!(echoes(&rules.ana_says("hello?")).is_empty());
    rules.later(2 * DAY);
    assert!(echoes(&rules.ana_says("hello?")).is_empty());
}

#[test]
fn while_nobody_is_there_the_inbox_says_so_once_a_day() {
    let account = Account::instagram(INSTAGRAM, "kaffeehaus", PAGE)
        .default_app(BOT)
        .away_message("We are closed.");
    let mut rules = Rules::on(account);
    let echo = echoes(&rules.ana_says("hello")).remove(0);
    assert_eq!(echo["text"], "We are closed.");
    assert_eq!(echo["app_id"], Value::Null);
    rules.later(DAY - 1);
    assert!(echoes(&rules.ana_says("hello?")).is_empty());
    rules.later(1);
    assert_eq!(echoes(&rules.ana_says("hello?")).len(), 1);
}

#[test]
fn on_instagram_apps_get_an_echo_of_a_message_that_the_account_deletes() {
    let mut rules = instagram();
    let sent = rules.says_and_gives_mid();
    let deleted = rules
        .act(|platform, ana, now| platform.account_deletes(ana, Some(&sent), now))
        .unwrap();
    let echo = json!({"mid": sent, "is_echo": true, "is_deleted": true});
    assert_eq!(echoes(&deleted.deliveries), [echo]);
    assert!(rules.thread().messages().any(|message| message.unsent));
    let again = rules.act(|platform, ana, now| platform.account_deletes(ana, Some(&sent), now));
    assert_eq!(again, Err(ActionError::NoSuchMessage(sent)));

    let old = rules
        .act(|platform, ana, now| platform.account_deletes(ana, None, now))
        .unwrap();
    assert!(
        rules
            .thread()
            .messages()
            .all(|message| message.mid != old.value)
    );
    assert_eq!(echoes(&old.deliveries)[0]["mid"], old.value);
}

#[test]
fn what_the_person_wrote_is_theirs_to_take_back() {
    let mut rules = instagram();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let deleted = rules.act(|platform, ana, now| platform.account_deletes(ana, Some(&mid), now));
    assert_eq!(deleted, Err(ActionError::NotTheAccounts(mid)));
}

#[test]
fn messenger_does_not_report_deletions() {
    let mut rules = page(Routing::to(BOT));
    let sent = rules.says_and_gives_mid();
    let deleted = rules.act(|platform, ana, now| platform.account_deletes(ana, Some(&sent), now));
    assert_eq!(deleted.unwrap().deliveries, []);
}

#[test]
fn optionally_messenger_reports_deletions() {
    let mut rules = page(Routing::to(BOT)).with_behavior(Behavior {
        messenger_deletions: Deletions::Sent,
        ..Behavior::default()
    });
    let sent = rules.says_and_gives_mid();
    let deleted = rules
        .act(|platform, ana, now| platform.account_deletes(ana, Some(&sent), now))
        .unwrap();
    assert_eq!(echoes(&deleted.deliveries)[0]["is_deleted"], true);
    let own = rules.thread().messages().next().unwrap().mid.clone();
    let unsent = rules
        .act(|platform, ana, now| platform.unsend(ana, &own, now))
        .unwrap();
    assert_eq!(
        item(&unsent.deliveries[0])["message"],
        json!({"mid": own, "is_deleted": true})
    );
}

const GENERIC: &str =
    r#"{"template_type": "generic", "elements": [{"title": "Hats", "subtitle": "Warm"}]}"#;
const BUTTON: &str = r#"{"template_type": "button", "text": "Sure?",
    "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}"#;

#[test]
fn echoes_of_instagram_have_templates_below_the_name_of_their_kind() {
    let mut rules = instagram();
    let generic = rules.sends(&serde_json::from_str(GENERIC).unwrap());
    let elements = json!({"generic": {"elements": [{"title": "Hats", "subtitle": "Warm"}]}});
    assert_eq!(generic, json!({"type": "template", "payload": elements}));
    let button = rules.sends(&serde_json::from_str(BUTTON).unwrap());
    assert_eq!(button["payload"]["button"]["text"], "Sure?");
    assert_eq!(button["payload"]["button"]["buttons"][0]["payload"], "YES");
    let mut page = page(Routing::to(BOT));
    let on_the_page = page.sends(&serde_json::from_str(GENERIC).unwrap());
    assert_eq!(on_the_page["payload"]["template_type"], "generic");
}

#[test]
fn optionally_templates_in_echoes_of_instagram_are_empty_or_as_sent() {
    let generic: Value = serde_json::from_str(GENERIC).unwrap();
    let button: Value = serde_json::from_str(BUTTON).unwrap();
    let mut rules = instagram();
    rules.platform.set_behavior(Behavior {
        instagram_templates: EchoedTemplate::Empty,
        ..Behavior::default()
    });
    assert_eq!(
        rules.sends(&generic)["payload"],
        json!({"generic": {"elements": []}})
    );
    assert_eq!(
        rules.sends(&button)["payload"],
        json!({"button": {"buttons": []}})
    );
    rules.platform.set_behavior(Behavior {
        instagram_templates: EchoedTemplate::AsSent,
        ..Behavior::default()
    });
    assert_eq!(rules.sends(&generic)["payload"], generic);
}

#[test]
fn each_new_message_on_instagram_brings_an_edit() {
    let says = |chosen| {
        let mut rules = instagram().with_behavior(Behavior {
            instagram_new_message_edit: chosen,
            ..Behavior::default()
        });
        let said = rules.ana_says("hello");
        let mid = rules.thread().messages().next_back().unwrap().mid.clone();
        let to_the_bot = said.iter().filter(|one| one.app == BOT).map(item);
        (rules, mid, to_the_bot.collect::<Vec<_>>())
    };
    let (_, _, never) = says(NewMessageEdit::Never);
    assert_eq!(never.len(), 1);

    let (rules, mid, without) = says(NewMessageEdit::WithoutParties);
    assert_eq!(without[0]["message"]["mid"], mid);
    assert_eq!(
        without[1],
        json!({"timestamp": rules.now.as_millis(), "message_edit": {"mid": mid, "num_edit": 0}})
    );
    let (rules, mid, with) = says(NewMessageEdit::WithParties);
    assert_eq!(with[1]["sender"]["id"], rules.ana.as_str());
    assert_eq!(with[1]["recipient"]["id"], INSTAGRAM);
    assert_eq!(with[1]["message_edit"], json!({"mid": mid, "num_edit": 0}));

    let (_, _, only) = says(NewMessageEdit::Only);
    assert_eq!(only.len(), 1);
    assert_eq!(only[0]["message_edit"]["num_edit"], 0);

    let mut page = page(Routing::to(BOT)).with_behavior(Behavior {
        instagram_new_message_edit: NewMessageEdit::Only,
        ..Behavior::default()
    });
    assert_eq!(page.ana_says("hello")[0].event.body.kind(), "message");
}

impl Rules {
    /// The bot says something; the answer is the message's id.
    fn says_and_gives_mid(&mut self) -> String {
        let hello = self.text("hello");
        let sent = self.send(&BOT, &hello).unwrap();
        sent.value.message_id.unwrap()
    }
}
