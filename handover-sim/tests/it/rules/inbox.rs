//! What agents do in the Page Inbox, and who hears of it.

use crate::support::rules::{BOT, DAY, INBOX, PAGE, Rules, SHOP, delivered, item, tells};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::EventBody::{PassThreadControl, RequestThreadControl, TakeThreadControl};
use handover_sim::platform::{Account, ActionError, Behavior, Connection, Folder, InboxDone};
use serde_json::json;

impl Rules {
    fn folder(&self) -> Folder {
        self.platform.thread(&self.ana).unwrap().folder(self.now)
    }

    fn with_inbox_as_owner() -> Self {
        let mut rules = Self::with_bot_as_owner();
        rules.pass(&BOT, Some(&INBOX)).unwrap();
        rules
    }
}

#[test]
fn the_thread_is_in_main_while_the_inbox_owns_it() {
    let mut rules = Rules::with_bot_as_owner();
    assert_eq!(rules.folder(), Folder::Done);
    rules.pass(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(rules.folder(), Folder::Main);
    rules.later(DAY);
    assert_eq!(rules.folder(), Folder::Done, "control has run out");
}

#[test]
fn an_owner_inbox_replies_without_ado() {
    let mut rules = Rules::with_inbox_as_owner();
    let replied = rules
        .platform
        .inbox_reply(&rules.ana, "hello", rules.now)
        .unwrap();
    assert_eq!(
        delivered(&replied.deliveries),
        tells([
            (BOT, Standby, "echo"),
            (SHOP, Standby, "echo"),
            (BOT, Standby, "delivery"),
            (SHOP, Standby, "delivery"),
        ])
    );
}

#[test]
fn a_reply_takes_control_first() {
    let mut rules = Rules::with_bot_as_owner();
    let replied = rules
        .platform
        .inbox_reply(&rules.ana, "hello", rules.now)
        .unwrap();
    assert_eq!(rules.owner(), Some(INBOX));
    let first_two = tells([
        (BOT, Messaging, "take_thread_control"),
        (BOT, Standby, "echo"),
    ]);
    assert_eq!(delivered(&replied.deliveries)[..2], first_two);
    let TakeThreadControl(event) = &replied.deliveries[0].event.body else {
        panic!("not a take");
    };
    assert_eq!(event.previous_owner_app_id, Some(BOT));
    assert_eq!(event.new_owner_app_id, Some(INBOX));
}

#[test]
fn agents_may_reply_for_seven_days() {
    let mut rules = Rules::with_bot_as_owner();
    rules.later(7 * DAY - 1);
    assert!(
        rules
            .platform
            .inbox_reply(&rules.ana, "hello", rules.now)
            .is_ok()
    );
    rules.later(1);
    let late = rules.platform.inbox_reply(&rules.ana, "hello", rules.now);
    assert_eq!(late, Err(ActionError::WindowClosed));
    let empty = rules.platform.inbox_reply(&rules.ana, " ", rules.now);
    assert_eq!(empty, Err(ActionError::Empty));
}

#[test]
fn done_passes_to_the_default_app() {
    let mut rules = Rules::with_shop_as_owner();
    rules.platform.inbox_take(&rules.ana, rules.now).unwrap();
    let done = rules.platform.inbox_done(&rules.ana, rules.now).unwrap();
    assert_eq!(
        rules.owner(),
        Some(BOT),
        "not to the shop, from which it was taken"
    );
    assert_eq!(
        delivered(&done.deliveries),
        tells([(BOT, Messaging, "pass_thread_control")])
    );
    let PassThreadControl(event) = &done.deliveries[0].event.body else {
        panic!("not a pass");
    };
    assert_eq!(event.previous_owner_app_id, Some(INBOX));
    assert_eq!(event.new_owner_app_id, Some(BOT));
    assert_eq!(event.metadata, None);
}

#[test]
fn done_without_another_default_app_leaves_the_thread_idle() {
    let with_inbox_as_default = Account::page(PAGE, "Kaffeehaus").default_app(INBOX);
    for mut rules in [
        Rules::zero_config(),
        Rules::with(with_inbox_as_default, Connection::new(SHOP)),
    ] {
        rules.ana_says("hello");
        if rules.owner() != Some(INBOX) {
            rules.platform.inbox_take(&rules.ana, rules.now).unwrap();
        }
        let done = rules.platform.inbox_done(&rules.ana, rules.now).unwrap();
        assert_eq!(done.deliveries, []);
        assert_eq!(rules.owner(), None);
    }
}

#[test]
fn done_is_for_the_owner() {
    let mut rules = Rules::with_bot_as_owner();
    let refused = |owner: Option<AppId>| Err(ActionError::NotWithInbox { owner });
    assert_eq!(
        rules.platform.inbox_done(&rules.ana, rules.now),
        refused(Some(BOT))
    );
    rules.later(DAY);
    assert_eq!(
        rules.platform.inbox_done(&rules.ana, rules.now),
        refused(None)
    );
}

#[test]
fn moving_to_main_takes_control() {
    let mut rules = Rules::with_bot_as_owner();
    let taken = rules.platform.inbox_take(&rules.ana, rules.now).unwrap();
    assert_eq!(rules.owner(), Some(INBOX));
    assert_eq!(
        delivered(&taken.deliveries),
        tells([(BOT, Messaging, "take_thread_control")])
    );
    let again = rules.platform.inbox_take(&rules.ana, rules.now);
    assert_eq!(again, Err(ActionError::AlreadyWithInbox));
}

#[test]
fn a_request_waits_for_the_owner() {
    let mut rules = Rules::with_bot_as_owner();
    let requested = rules.platform.inbox_request(&rules.ana, rules.now).unwrap();
    assert_eq!(
        delivered(&requested.deliveries),
        tells([(BOT, Messaging, "request_thread_control")])
    );
    let RequestThreadControl(event) = &requested.deliveries[0].event.body else {
        panic!("not a request");
    };
    assert_eq!(event.requested_owner_app_id, Some(INBOX));
    assert_eq!(rules.owner(), Some(BOT));
    assert!(rules.platform.thread(&rules.ana).unwrap().requested);

    rules.pass(&BOT, Some(&INBOX)).unwrap();
    assert!(
        !rules.platform.thread(&rules.ana).unwrap().requested,
        "answered"
    );
    let again = rules.platform.inbox_request(&rules.ana, rules.now);
    assert_eq!(again, Err(ActionError::AlreadyWithInbox));
}

#[test]
fn a_request_for_an_idle_thread_is_granted_at_once() {
    let mut rules = Rules::zero_config();
    rules.ana_says("hello");
    let requested = rules.platform.inbox_request(&rules.ana, rules.now).unwrap();
    assert_eq!(requested.deliveries, []);
    assert_eq!(rules.owner(), Some(INBOX));
}

#[test]
fn optionally_done_leaves_the_thread_idle() {
    let mut rules = Rules::with_inbox_as_owner().with_behavior(Behavior {
        inbox_done: InboxDone::Releases,
        ..Behavior::default()
    });
    let done = rules.platform.inbox_done(&rules.ana, rules.now).unwrap();
    assert_eq!(done.deliveries, []);
    assert_eq!(rules.owner(), None);
}

#[test]
fn optionally_done_leaves_the_thread_with_the_inbox() {
    let mut rules = Rules::with_inbox_as_owner().with_behavior(Behavior {
        inbox_done: InboxDone::Keeps,
        ..Behavior::default()
    });
    let done = rules.platform.inbox_done(&rules.ana, rules.now).unwrap();
    assert_eq!(done.deliveries, []);
    assert_eq!(rules.owner(), Some(INBOX));
}

#[test]
fn an_agents_words_are_echoed_with_the_inbox_as_their_app() {
    let mut rules = Rules::with_inbox_as_owner();
    let replied = rules
        .platform
        .inbox_reply(&rules.ana, "hello", rules.now)
        .unwrap();
    assert_eq!(
        item(&replied.deliveries[0])["message"],
        json!({"mid": replied.value, "text": "hello", "is_echo": true,
               "app_id": 263_902_037_430_900_u64})
    );
}

#[test]
fn the_inbox_never_answers_a_request() {
    let mut rules = Rules::zero_config();
    rules.pass(&BOT, Some(&INBOX)).unwrap();
    let requested = rules.request(&SHOP).unwrap();
    assert_eq!(requested.deliveries, []);
    assert_eq!(rules.owner(), Some(INBOX));
}
