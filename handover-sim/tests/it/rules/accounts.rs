//! Instagram accounts, what differs there, and several accounts at once.

use crate::support::rules::{
    BOT, DAY, INBOX, INSTAGRAM, INSTAGRAM_INBOX, PAGE, Rules, SHOP, delivered, item, refused, tells,
};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AccountId, OutgoingMessage, PersonId, Recipient, SendRequest, Timestamp};
use handover_sim::platform::{
    Account, App, Behavior, CallContext, Delivered, Folder, NewMessageEdit, Platform, Product,
    Routing,
};
use serde_json::json;

fn with_bot_as_owner() -> Rules {
    let mut rules = Rules::instagram();
    rules.ana_says("hello");
    rules
}

#[test]
fn an_instagram_webhook_names_the_product_and_the_accounts_own_id() {
    let mut rules = Rules::instagram();
    let said = rules
        .act(|platform, ana, now| platform.say(ana, "hello", now))
        .unwrap();
    let at = rules.now.as_millis();
    assert_eq!(
        serde_json::to_value(said.deliveries[0].envelope()).unwrap(),
        json!({"object": "instagram", "entry": [{"id": INSTAGRAM, "time": at, "messaging": [{
            "sender": {"id": rules.ana}, "recipient": {"id": INSTAGRAM}, "timestamp": at,
            "message": {"mid": said.value, "text": "hello"},
        }]}]})
    );
}

#[test]
fn an_instagram_thread_is_called_by_the_page_or_the_account() {
    let mut rules = with_bot_as_owner();
    for account in [PAGE, INSTAGRAM] {
        let account = AccountId::from(account);
        let call = CallContext {
            app: &BOT,
            account: &account,
            now: rules.now,
        };
        let ana = rules.ana.clone();
        let owner = rules.platform.thread_owner(&call, &ana).unwrap().value;
        assert_eq!(owner.data[0].thread_owner.app_id, Some(BOT), "{account}");
    }
}

#[test]
fn every_app_has_an_instagram_threads_events_on_messaging() {
    let mut rules = with_bot_as_owner();
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([
            (BOT, Messaging, "message"),
            (SHOP, Messaging, "message"),
            (BOT, Messaging, "message_edit"),
            (SHOP, Messaging, "message_edit"),
        ])
    );
    assert_eq!(rules.owner(), Some(BOT));
}

#[test]
fn optionally_an_instagram_threads_events_are_delivered_like_a_pages() {
    let mut rules = with_bot_as_owner().with_behavior(Behavior {
        instagram_delivery: Delivered::Standby,
        ..Behavior::default()
    });
    assert_eq!(
        delivered(&rules.ana_says("hello")),
        tells([
            (BOT, Messaging, "message"),
            (SHOP, Standby, "message"),
            (BOT, Messaging, "message_edit"),
            (SHOP, Standby, "message_edit"),
        ])
    );
}

#[test]
fn errors_have_subcodes_of_instagrams_own() {
    let mut rules = with_bot_as_owner();
    assert_eq!(rules.says(&SHOP, "hello"), Err((100, Some(2_534_037))));
    rules.later(DAY);
    assert_eq!(rules.says(&BOT, "hello"), Err((10, Some(2_534_022))));
    rules.ana = "42".into();
    assert_eq!(
        refused(rules.pass(&BOT, Some(&SHOP))),
        (100, Some(2_534_014))
    );
}

#[test]
fn instagram_reports_no_deliveries() {
    let mut rules = with_bot_as_owner();
    let hello = rules.text("hello");
    let sent = rules.send(&BOT, &hello).unwrap();
    assert_eq!(
        delivered(&sent.deliveries),
        tells([(BOT, Messaging, "echo"), (SHOP, Messaging, "echo")])
    );
}

#[test]
fn instagram_names_the_message_that_was_read() {
    let mut rules = with_bot_as_owner();
    let hello = rules.text("hello");
    let mid = rules.send(&BOT, &hello).unwrap().value.message_id;
    let read = rules.act(Platform::read).unwrap();
    assert_eq!(item(&read.deliveries[0])["read"], json!({ "mid": mid }));
}

#[test]
fn instagram_announces_an_unsent_message_and_messenger_does_not() {
    let mut rules = with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let unsent = rules
        .act(|platform, ana, now| platform.unsend(ana, &mid, now))
        .unwrap();
    assert_eq!(
        item(&unsent.deliveries[0])["message"],
        json!({"mid": mid, "is_deleted": true})
    );

    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let unsent = rules.act(|platform, ana, now| platform.unsend(ana, &mid, now));
    assert_eq!(unsent.unwrap().deliveries, []);
    assert!(rules.thread().messages().next().unwrap().unsent);
}

#[test]
fn instagram_says_nothing_of_stickers() {
    let mut rules = with_bot_as_owner();
    rules.later(DAY);
    let sent = rules.act(|platform, ana, now| {
        platform.attach(ana, "sticker", "https://cats.example/1.png", now)
    });
    assert_eq!(sent.unwrap().deliveries, []);
    assert_eq!(rules.thread().messages().count(), 2);
    assert_eq!(rules.owner(), Some(BOT), "but they count as messages");
}

#[test]
fn an_instagram_link_is_a_separate_source() {
    let mut rules = with_bot_as_owner();
    let opened = rules
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    assert_eq!(
        item(&opened.deliveries[0])["referral"],
        json!({"ref": "spring", "source": "SHORTLINKS", "type": "OPEN_THREAD"})
    );
}

#[test]
fn instagram_has_its_own_inbox() {
    let mut rules = with_bot_as_owner();
    let replied = rules
        .act(|platform, ana, now| platform.inbox_reply(ana, "hello", now))
        .unwrap();
    assert_eq!(rules.owner(), Some(INSTAGRAM_INBOX));
    assert_eq!(rules.thread().folder(rules.now), Folder::Main);
    let taken = &item(&replied.deliveries[0])["take_thread_control"];
    assert_eq!(taken["new_owner_app_id"], 1_217_981_644_879_628_u64);
    rules.act(Platform::inbox_done).unwrap();
    assert_eq!(rules.owner(), Some(BOT));
}

#[test]
fn the_other_products_inbox_is_no_target() {
    let wrong = (100, Some(2_018_164));
    assert_eq!(refused(with_bot_as_owner().pass(&BOT, Some(&INBOX))), wrong);
    let mut page = Rules::with_bot_as_owner();
    assert_eq!(refused(page.pass(&BOT, Some(&INSTAGRAM_INBOX))), wrong);
}

/// A Page with the bot as default app, its Instagram account with the shop, and another Page in
/// zero-config mode; a person for each.
fn three_accounts() -> (Platform, [PersonId; 3]) {
    let mut platform = Platform::new(1);
    platform.connect(App::new(BOT, "Bot"));
    platform.add_account(Account::page(PAGE, "Kaffeehaus").default_app(BOT));
    platform.add_account(Account::instagram(INSTAGRAM, "kaffeehaus", PAGE).default_app(SHOP));
    platform.add_account(Account::page("104508901353867", "Teehaus"));
    platform.connect(App::new(SHOP, "Shop"));
    let accounts = [PAGE, INSTAGRAM, "104508901353867"];
    let persons = accounts.map(|account| platform.add_person(&account.into(), "Ana"));
    (platform, persons)
}

const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

#[test]
fn every_account_has_its_own_routing_and_a_person_an_id_for_each() {
    let (mut platform, persons) = three_accounts();
    for person in &persons {
        platform.say(person, "hello", NOW).unwrap();
    }
    let owners = persons
        .each_ref()
        .map(|person| platform.thread(person).unwrap().owner(NOW).cloned());
    assert_eq!(owners, [Some(BOT), Some(SHOP), None]);
    assert_ne!(persons[0], persons[1]);

    let account = AccountId::from(PAGE);
    let call = CallContext {
        app: &BOT,
        account: &account,
        now: NOW,
    };
    let status = platform.messaging_feature_status(&call).unwrap();
    assert!(status.msgr_multi_app && status.ig_multi_app && !status.hop_v2);
}

#[test]
fn switches_and_subscriptions_are_separate_for_every_account() {
    let (mut platform, [messenger, instagram, _]) = three_accounts();
    let on_page = platform.connection_mut(&PAGE.into(), &SHOP).unwrap();
    on_page.can_take = false;
    on_page.subscribed = false;
    platform.set_behavior(Behavior {
        instagram_delivery: Delivered::Standby,
        instagram_new_message_edit: NewMessageEdit::Never,
        ..Behavior::default()
    });
    let said = platform.say(&messenger, "hello", NOW).unwrap();
    assert_eq!(
        delivered(&said.deliveries),
        tells([(BOT, Messaging, "message")])
    );
    let said = platform.say(&instagram, "hello", NOW).unwrap();
    assert_eq!(
        delivered(&said.deliveries),
        tells([(BOT, Standby, "message"), (SHOP, Messaging, "message")])
    );
}

#[test]
fn a_person_is_known_to_their_own_account_alone() {
    let (mut platform, [messenger, _, _]) = three_accounts();
    platform.say(&messenger, "hello", NOW).unwrap();
    let request = SendRequest {
        recipient: Recipient::id(messenger),
        message: Some(OutgoingMessage::text("hello")),
        ..SendRequest::default()
    };
    let elsewhere = AccountId::from("104508901353867");
    let call = CallContext {
        app: &BOT,
        account: &elsewhere,
        now: NOW,
    };
    assert_eq!(
        refused(platform.send(&call, &request)),
        (100, Some(2_018_001))
    );
}

#[test]
fn the_same_connections_whichever_came_first_the_app_or_the_account() {
    let (platform, _) = three_accounts();
    for account in platform.accounts() {
        let inbox = account.product.inbox();
        for app in [&inbox, &BOT, &SHOP] {
            assert!(account.connection(app).is_some(), "{app} to {}", account.id);
        }
        assert_eq!(account.connections().len(), 3);
    }
    assert_eq!(platform.accounts()[1].product, Product::Instagram);
    assert_eq!(platform.accounts()[2].routing, Routing::ZeroConfig);
}
