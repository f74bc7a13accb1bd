//! When control ends by itself, and what puts that off.

use crate::support::rules::{BOT, DAY, HOUR, INBOX, Rules, SHOP, refused};
use handover_protocol::Timestamp;
use handover_sim::platform::{Behavior, ExtendTooLong, HandoverKind, Platform};

const WEEK: u64 = 604_800;

#[test]
fn control_ends_a_day_after_the_last_message_and_the_next_one_is_routed_afresh() {
    let mut rules = Rules::with_shop_as_owner();
    rules.later(23 * HOUR).ana_says("still there?");
    rules.later(DAY - 1);
    assert_eq!(rules.owner(), Some(SHOP));
    rules.later(1);
    assert_eq!(rules.owner(), None);

    rules.ana_says("hello again");
    assert_eq!(rules.owner(), Some(BOT));
    let thread = rules.platform.thread(&rules.ana).unwrap();
    let kinds: Vec<_> = thread.handovers().map(|handover| handover.kind).collect();
    let last_three = [
        HandoverKind::Passed,
        HandoverKind::Expired,
        HandoverKind::Routed,
    ];
    assert_eq!(kinds[1..], last_three);
}

#[test]
fn a_message_does_not_shorten_control_that_was_extended() {
    let mut rules = Rules::with_bot_as_owner();
    rules.extend(&BOT, Some(604_800)).unwrap();
    let extended = rules.expiration();
    rules.later(HOUR).ana_says("hello");
    assert_eq!(rules.expiration(), extended);
}

#[test]
fn only_the_owner_extends_up_to_seven_days_from_now() {
    let mut rules = Rules::with_bot_as_owner();
    for (seconds, good) in [(1, true), (604_800, true), (604_801, false), (0, false)] {
        rules.later(HOUR);
        assert_eq!(
            rules.extend(&BOT, Some(seconds)).is_ok(),
            good,
            "{seconds} s"
        );
        if good {
            let end = rules.now.as_millis() + i64::try_from(seconds).unwrap() * 1000;
            assert_eq!(rules.expiration(), Some(Timestamp::from_millis(end)));
            rules.extend(&BOT, Some(86_400)).unwrap();
        }
    }
    assert_eq!(refused(rules.extend(&BOT, None)), (100, None));
    assert_eq!(refused(rules.extend(&SHOP, Some(60))), (100, None));
    assert_eq!(refused(Rules::routed().extend(&BOT, Some(60))), (100, None));
}

#[test]
fn expired_control_sends_no_event() {
    let mut rules = Rules::with_shop_as_owner();
    rules.later(DAY);
    assert_eq!(rules.shown_to(&SHOP), None);
    let taken = rules.take(&SHOP).unwrap();
    assert_eq!(
        taken.deliveries,
        [],
        "the thread is idle, and no app got an event"
    );
    let last = &rules.handovers()[2..];
    assert_eq!(last, [HandoverKind::Expired, HandoverKind::Taken]);
}

#[test]
fn any_action_on_control_resets_its_time_to_a_day() {
    let extended = || {
        let mut rules = Rules::with_bot_as_owner();
        rules.extend(&BOT, Some(WEEK)).unwrap();
        assert_eq!(rules.expiration(), Some(rules.ahead(7 * DAY)));
        rules.later(HOUR);
        rules
    };
    let mut passed = extended();
    passed.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(passed.expiration(), Some(passed.ahead(DAY)));

    let mut taken = extended();
    taken.take(&SHOP).unwrap();
    assert_eq!(taken.expiration(), Some(taken.ahead(DAY)));

    let mut inbox = extended();
    inbox.act(Platform::inbox_take).unwrap();
    assert_eq!(inbox.owner(), Some(INBOX));
    assert_eq!(inbox.expiration(), Some(inbox.ahead(DAY)));
}

#[test]
fn control_can_be_extended_to_less_than_a_day() {
    let mut rules = Rules::with_bot_as_owner();
    rules.extend(&BOT, Some(60)).unwrap();
    rules.later(60_000);
    assert_eq!(rules.owner(), None);
}

#[test]
fn optionally_too_long_an_extension_lasts_seven_days() {
    let mut rules = Rules::with_bot_as_owner().with_behavior(Behavior {
        extend_too_long: ExtendTooLong::Clamped,
        ..Behavior::default()
    });
    rules.extend(&BOT, Some(WEEK + 1)).unwrap();
    assert_eq!(rules.expiration(), Some(rules.ahead(7 * DAY)));
    assert_eq!(refused(rules.extend(&BOT, Some(0))), (100, None));
}

#[test]
fn what_is_not_writing_does_not_prolong_control() {
    let mut rules = Rules::with_bot_as_owner();
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    let end = rules.expiration();
    rules.later(HOUR);
    rules
        .act(|platform, ana, now| platform.react(ana, &mid, "love", None, now))
        .unwrap();
    rules
        .act(|platform, ana, now| platform.edit(ana, &mid, "hullo", now))
        .unwrap();
    rules
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    assert_eq!(rules.expiration(), end);
}
