//! Events that arrive late, after others that happened later.

use std::time::Duration;

use handover_protocol::{
    AppId, EventBody, Message, PassThreadControl, Received, TakeThreadControl, Timestamp,
};

use super::fixture::{NOW, says};
use crate::event_time::EventTime;
use crate::journal::{ThreadChange, ThreadState};
use crate::ownership::{EventEffect, HumanApps, OwnershipRules};
use crate::thread::{KnownOwner, Owner};

const BOT: AppId = AppId::from_static("1517776481860111");
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What a bot knows of a thread by the events that have arrived.
#[derive(Default)]
struct HeardThread {
    state: ThreadState,
    sequence: u64,
}

impl HeardThread {
    /// An event arrives that has this timestamp, or none.
    fn hears(&mut self, body: EventBody, stamp: Option<Timestamp>) -> EventEffect {
        self.sequence += 1;
        let mut received = Received::clone(&says(1, "hello").received);
        received.event.body = body;
        let time = EventTime {
            at: stamp.unwrap_or(NOW),
            stamp,
            sequence: self.sequence,
        };
        let rules = OwnershipRules {
            bot: BOT,
            humans: HumanApps::default(),
            pause: 30 * MINUTE,
            pause_word: None,
            resume_word: Some("#bot".to_owned()),
        };
        let (seen, change) = self.state.see(&received, &time, String::new, &rules);
        self.state.apply(&change);
        seen
    }

    /// The platform carried out a call of the bot's own.
    fn called(&mut self, owner: Owner) {
        self.state.apply(&ThreadChange {
            ownership: Some(KnownOwner::seen(owner, NOW, self.sequence)),
            ..ThreadChange::default()
        });
    }

    fn owner(&self) -> &Owner {
        &self.state.ownership.owner
    }
}

/// The inbox passes the thread to the bot.
fn pass() -> EventBody {
    EventBody::PassThreadControl(PassThreadControl {
        new_owner_app_id: Some(BOT),
        ..PassThreadControl::default()
    })
}

/// An agent takes the thread.
fn take() -> EventBody {
    EventBody::TakeThreadControl(TakeThreadControl {
        new_owner_app_id: Some(AppId::PAGE_INBOX),
        ..TakeThreadControl::default()
    })
}

fn agent_says(text: &str) -> EventBody {
    EventBody::Echo(Message {
        text: Some(text.to_owned()),
        is_echo: true,
        app_id: Some(AppId::PAGE_INBOX),
        ..Message::default()
    })
}

fn inbox() -> Owner {
    Owner::Other(Some(AppId::PAGE_INBOX))
}

#[test]
fn a_handover_that_arrives_late_does_not_undo_a_later_one() {
    let mut thread = HeardThread::default();
    thread.hears(pass(), Some(NOW));
    thread.hears(take(), Some(NOW - MINUTE));
    assert_eq!(thread.owner(), &Owner::Bot);
    thread.hears(take(), Some(NOW + MINUTE));
    assert_eq!(thread.owner(), &inbox());
    let seen = thread.hears(pass(), Some(NOW));
    assert_eq!(seen, EventEffect::default());
    assert_eq!(thread.owner(), &inbox());
}

/// The bot has missed that an agent took the thread.
#[test]
fn a_pass_of_what_the_bot_believes_to_have_is_known_as_well() {
    let mut thread = HeardThread::default();
    thread.hears(pass(), Some(NOW - 9 * MINUTE));
    thread.hears(pass(), Some(NOW));
    thread.hears(take(), Some(NOW - MINUTE));
    assert_eq!(thread.owner(), &Owner::Bot);
}

#[test]
fn handovers_of_the_same_moment_or_of_an_unknown_one_count_as_they_arrive() {
    for (first, second) in [(Some(NOW), Some(NOW)), (Some(NOW), None), (None, Some(NOW))] {
        let mut thread = HeardThread::default();
        thread.hears(pass(), first);
        thread.hears(take(), second);
        assert_eq!(thread.owner(), &inbox(), "{first:?} {second:?}");
        thread.hears(pass(), second);
        assert_eq!(thread.owner(), &Owner::Bot, "{first:?} {second:?}");
    }
}

/// The bot's clock may be ahead: a handover that happened after its call may have an earlier timestamp.
#[test]
fn what_the_bot_did_itself_makes_no_handover_late() {
    let mut thread = HeardThread::default();
    thread.hears(pass(), Some(NOW - 9 * MINUTE));
    thread.called(inbox());
    thread.hears(pass(), Some(NOW - MINUTE));
    assert_eq!(thread.owner(), &Owner::Bot);
    thread.called(inbox());
    thread.hears(pass(), Some(NOW - 2 * MINUTE));
    assert_eq!(thread.owner(), &inbox());
}

#[test]
fn what_an_agent_said_before_the_thread_came_back_begins_no_pause() {
    let mut thread = HeardThread::default();
    thread.hears(take(), Some(NOW - MINUTE));
    thread.hears(pass(), Some(NOW));
    let seen = thread.hears(agent_says("Bye!"), Some(NOW - SECOND));
    assert!(seen.human);
    assert_eq!(thread.state.paused_until(), None);
    thread.hears(agent_says("One more thing"), Some(NOW + SECOND));
    let until = NOW + SECOND + 30 * MINUTE;
    assert_eq!(thread.state.paused_until(), Some(until));
}

/// Half an hour after the thread came back, it is another's again.
#[test]
fn what_an_agent_said_long_before_a_handover_says_nothing() {
    for text in ["Bye!", "#bot"] {
        let mut thread = HeardThread::default();
        thread.hears(take(), Some(NOW));
        let seen = thread.hears(agent_says(text), Some(NOW - MINUTE));
        assert_eq!(seen, EventEffect::default(), "{text}");
    }
}

/// The platform makes a take of it, and that arrives first.
#[test]
fn what_an_agent_said_just_before_the_take_counts() {
    let mut thread = HeardThread::default();
    thread.hears(take(), Some(NOW));
    let said = Some(NOW - SECOND);
    assert!(thread.hears(agent_says("Hello"), said).human);
    assert!(thread.hears(agent_says("#bot"), said).takes_back);
}

/// A message that was on its way during a handover.
#[test]
fn what_the_person_said_before_a_handover_does_not_show_that_the_bot_hears_them() {
    let mut thread = HeardThread::default();
    thread.hears(pass(), Some(NOW - 9 * MINUTE));
    thread.hears(take(), Some(NOW));
    assert!(thread.state.may_have_missed);
    let message = || EventBody::Message(Message::default());
    thread.hears(message(), Some(NOW - MINUTE));
    assert!(thread.state.may_have_missed);
    assert_eq!(thread.state.person_wrote_at, Some(NOW - MINUTE));
    thread.hears(message(), Some(NOW + MINUTE));
    assert!(!thread.state.may_have_missed);
}
