//! When control ends by itself, and what puts that off.

use crate::support::stage::{BOT, DAY, HOUR, INBOX, SHOP, Stage, refused};
use handover_protocol::Timestamp;
use handover_sim::platform::{Choices, ExtendTooLong, HandoverKind, Platform};

const WEEK: u64 = 604_800;

#[test]
fn control_ends_a_day_after_the_last_message_and_the_next_one_is_routed_afresh() {
    let mut stage = Stage::with_shop_as_owner();
    stage.later(23 * HOUR).ana_says("still there?");
    stage.later(DAY - 1);
    assert_eq!(stage.owner(), Some(SHOP));
    stage.later(1);
    assert_eq!(stage.owner(), None);

    stage.ana_says("hello again");
    assert_eq!(stage.owner(), Some(BOT));
    let thread = stage.platform.thread(&stage.ana).unwrap();
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
    let mut stage = Stage::with_bot_as_owner();
    stage.extend(&BOT, Some(604_800)).unwrap();
    let extended = stage.expiration();
    stage.later(HOUR).ana_says("hello");
    assert_eq!(stage.expiration(), extended);
}

#[test]
fn only_the_owner_extends_up_to_seven_days_from_now() {
    let mut stage = Stage::with_bot_as_owner();
    for (seconds, good) in [(1, true), (604_800, true), (604_801, false), (0, false)] {
        stage.later(HOUR);
        assert_eq!(
            stage.extend(&BOT, Some(seconds)).is_ok(),
            good,
            "{seconds} s"
        );
        if good {
            let end = stage.now.as_millis() + i64::try_from(seconds).unwrap() * 1000;
            assert_eq!(stage.expiration(), Some(Timestamp::from_millis(end)));
            stage.extend(&BOT, Some(86_400)).unwrap();
        }
    }
    assert_eq!(refused(stage.extend(&BOT, None)), (100, None));
    assert_eq!(refused(stage.extend(&SHOP, Some(60))), (100, None));
    assert_eq!(refused(Stage::routed().extend(&BOT, Some(60))), (100, None));
}

#[test]
fn control_that_runs_out_is_told_to_nobody() {
    let mut stage = Stage::with_shop_as_owner();
    stage.later(DAY);
    assert_eq!(stage.shown_to(&SHOP), None);
    let taken = stage.take(&SHOP).unwrap();
    assert_eq!(
        taken.deliveries,
        [],
        "the thread is idle, and nobody was told"
    );
    let last = &stage.handovers()[2..];
    assert_eq!(last, [HandoverKind::Expired, HandoverKind::Taken]);
}

#[test]
fn any_action_on_control_resets_its_time_to_a_day() {
    let extended = || {
        let mut stage = Stage::with_bot_as_owner();
        stage.extend(&BOT, Some(WEEK)).unwrap();
        assert_eq!(stage.expiration(), Some(stage.ahead(7 * DAY)));
        stage.later(HOUR);
        stage
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
    let mut stage = Stage::with_bot_as_owner();
    stage.extend(&BOT, Some(60)).unwrap();
    stage.later(60_000);
    assert_eq!(stage.owner(), None);
}

#[test]
fn by_choice_too_long_an_extension_lasts_seven_days() {
    let mut stage = Stage::with_bot_as_owner().choosing(Choices {
        extend_too_long: ExtendTooLong::Clamped,
        ..Choices::default()
    });
    stage.extend(&BOT, Some(WEEK + 1)).unwrap();
    assert_eq!(stage.expiration(), Some(stage.ahead(7 * DAY)));
    assert_eq!(refused(stage.extend(&BOT, Some(0))), (100, None));
}

#[test]
fn what_is_not_writing_does_not_prolong_control() {
    let mut stage = Stage::with_bot_as_owner();
    let mid = stage.thread().messages().next().unwrap().mid.clone();
    let end = stage.expiration();
    stage.later(HOUR);
    stage
        .act(|platform, ana, now| platform.react(ana, &mid, "love", None, now))
        .unwrap();
    stage
        .act(|platform, ana, now| platform.edit(ana, &mid, "hullo", now))
        .unwrap();
    stage
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    assert_eq!(stage.expiration(), end);
}
