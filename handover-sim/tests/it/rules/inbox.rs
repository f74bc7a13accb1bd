//! What agents do in the Page Inbox, and who hears of it.

use crate::support::stage::{BOT, DAY, INBOX, PAGE, SHOP, Stage, item, tells, told};
use handover_protocol::AppId;
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::EventBody::{PassThreadControl, RequestThreadControl, TakeThreadControl};
use handover_sim::platform::{Account, ActError, Choices, Connection, Folder, InboxDone};
use serde_json::json;

impl Stage {
    fn folder(&self) -> Folder {
        self.platform.thread(&self.ana).unwrap().folder(self.now)
    }

    fn with_inbox_as_owner() -> Self {
        let mut stage = Self::with_bot_as_owner();
        stage.pass(&BOT, Some(&INBOX)).unwrap();
        stage
    }
}

#[test]
fn the_thread_is_in_main_while_the_inbox_owns_it() {
    let mut stage = Stage::with_bot_as_owner();
    assert_eq!(stage.folder(), Folder::Done);
    stage.pass(&BOT, Some(&INBOX)).unwrap();
    assert_eq!(stage.folder(), Folder::Main);
    stage.later(DAY);
    assert_eq!(stage.folder(), Folder::Done, "control has run out");
}

#[test]
fn an_owner_inbox_replies_without_ado() {
    let mut stage = Stage::with_inbox_as_owner();
    let replied = stage
        .platform
        .inbox_reply(&stage.ana, "hello", stage.now)
        .unwrap();
    assert_eq!(
        told(&replied.deliveries),
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
    let mut stage = Stage::with_bot_as_owner();
    let replied = stage
        .platform
        .inbox_reply(&stage.ana, "hello", stage.now)
        .unwrap();
    assert_eq!(stage.owner(), Some(INBOX));
    let first_two = tells([
        (BOT, Messaging, "take_thread_control"),
        (BOT, Standby, "echo"),
    ]);
    assert_eq!(told(&replied.deliveries)[..2], first_two);
    let TakeThreadControl(event) = &replied.deliveries[0].event.body else {
        panic!("not a take");
    };
    assert_eq!(event.previous_owner_app_id, Some(BOT));
    assert_eq!(event.new_owner_app_id, Some(INBOX));
}

#[test]
fn agents_may_reply_for_seven_days() {
    let mut stage = Stage::with_bot_as_owner();
    stage.later(7 * DAY - 1);
    assert!(
        stage
            .platform
            .inbox_reply(&stage.ana, "hello", stage.now)
            .is_ok()
    );
    stage.later(1);
    let late = stage.platform.inbox_reply(&stage.ana, "hello", stage.now);
    assert_eq!(late, Err(ActError::WindowClosed));
    let empty = stage.platform.inbox_reply(&stage.ana, " ", stage.now);
    assert_eq!(empty, Err(ActError::Empty));
}

#[test]
fn done_passes_to_the_default_app() {
    let mut stage = Stage::with_shop_as_owner();
    stage.platform.inbox_take(&stage.ana, stage.now).unwrap();
    let done = stage.platform.inbox_done(&stage.ana, stage.now).unwrap();
    assert_eq!(
        stage.owner(),
        Some(BOT),
        "not to the shop, from which it was taken"
    );
    assert_eq!(
        told(&done.deliveries),
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
    for mut stage in [
        Stage::zero_config(),
        Stage::with(with_inbox_as_default, Connection::new(SHOP)),
    ] {
        stage.ana_says("hello");
        if stage.owner() != Some(INBOX) {
            stage.platform.inbox_take(&stage.ana, stage.now).unwrap();
        }
        let done = stage.platform.inbox_done(&stage.ana, stage.now).unwrap();
        assert_eq!(done.deliveries, []);
        assert_eq!(stage.owner(), None);
    }
}

#[test]
fn done_is_for_the_owner() {
    let mut stage = Stage::with_bot_as_owner();
    let refused = |owner: Option<AppId>| Err(ActError::NotWithInbox { owner });
    assert_eq!(
        stage.platform.inbox_done(&stage.ana, stage.now),
        refused(Some(BOT))
    );
    stage.later(DAY);
    assert_eq!(
        stage.platform.inbox_done(&stage.ana, stage.now),
        refused(None)
    );
}

#[test]
fn moving_to_main_takes_control() {
    let mut stage = Stage::with_bot_as_owner();
    let taken = stage.platform.inbox_take(&stage.ana, stage.now).unwrap();
    assert_eq!(stage.owner(), Some(INBOX));
    assert_eq!(
        told(&taken.deliveries),
        tells([(BOT, Messaging, "take_thread_control")])
    );
    let again = stage.platform.inbox_take(&stage.ana, stage.now);
    assert_eq!(again, Err(ActError::AlreadyWithInbox));
}

#[test]
fn a_request_waits_for_the_owner() {
    let mut stage = Stage::with_bot_as_owner();
    let requested = stage.platform.inbox_request(&stage.ana, stage.now).unwrap();
    assert_eq!(
        told(&requested.deliveries),
        tells([(BOT, Messaging, "request_thread_control")])
    );
    let RequestThreadControl(event) = &requested.deliveries[0].event.body else {
        panic!("not a request");
    };
    assert_eq!(event.requested_owner_app_id, Some(INBOX));
    assert_eq!(stage.owner(), Some(BOT));
    assert!(stage.platform.thread(&stage.ana).unwrap().requested);

    stage.pass(&BOT, Some(&INBOX)).unwrap();
    assert!(
        !stage.platform.thread(&stage.ana).unwrap().requested,
        "answered"
    );
    let again = stage.platform.inbox_request(&stage.ana, stage.now);
    assert_eq!(again, Err(ActError::AlreadyWithInbox));
}

#[test]
fn a_request_for_an_idle_thread_is_granted_at_once() {
    let mut stage = Stage::zero_config();
    stage.ana_says("hello");
    let requested = stage.platform.inbox_request(&stage.ana, stage.now).unwrap();
    assert_eq!(requested.deliveries, []);
    assert_eq!(stage.owner(), Some(INBOX));
}

#[test]
fn by_choice_done_leaves_the_thread_idle() {
    let mut stage = Stage::with_inbox_as_owner().choosing(Choices {
        inbox_done: InboxDone::Releases,
        ..Choices::default()
    });
    let done = stage.platform.inbox_done(&stage.ana, stage.now).unwrap();
    assert_eq!(done.deliveries, []);
    assert_eq!(stage.owner(), None);
}

#[test]
fn by_choice_done_leaves_the_thread_with_the_inbox() {
    let mut stage = Stage::with_inbox_as_owner().choosing(Choices {
        inbox_done: InboxDone::Keeps,
        ..Choices::default()
    });
    let done = stage.platform.inbox_done(&stage.ana, stage.now).unwrap();
    assert_eq!(done.deliveries, []);
    assert_eq!(stage.owner(), Some(INBOX));
}

#[test]
fn an_agents_words_are_echoed_with_the_inbox_as_their_app() {
    let mut stage = Stage::with_inbox_as_owner();
    let replied = stage
        .platform
        .inbox_reply(&stage.ana, "hello", stage.now)
        .unwrap();
    assert_eq!(
        item(&replied.deliveries[0])["message"],
        json!({"mid": replied.value, "text": "hello", "is_echo": true,
               "app_id": 263_902_037_430_900_u64})
    );
}

#[test]
fn the_inbox_never_answers_a_request() {
    let mut stage = Stage::zero_config();
    stage.pass(&BOT, Some(&INBOX)).unwrap();
    let requested = stage.request(&SHOP).unwrap();
    assert_eq!(requested.deliveries, []);
    assert_eq!(stage.owner(), Some(INBOX));
}
