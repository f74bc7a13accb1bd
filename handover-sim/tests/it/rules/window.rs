//! The messaging window: what opens it, and how long it is open.

use crate::support::stage::{BOT, DAY, HOUR, PAGE, SHOP, Stage};
use handover_protocol::PersonId;
use handover_protocol::Timestamp;
use handover_sim::platform::{Account, ActError, Ad, Platform, Step};

const OUTSIDE_WINDOW: (i64, Option<i64>) = (10, Some(2_018_278));

/// A day has passed since Ana wrote, and her message has an id.
fn closed() -> (Stage, String) {
    let account = Account::page(PAGE, "Kaffeehaus")
        .default_app(BOT)
        .ad(Ad::new("6045", "Hats"));
    let mut stage = Stage::on(account);
    stage.ana_says("hello");
    let mid = stage.thread().messages().next().unwrap().mid.clone();
    stage.says(&BOT, "hello").unwrap();
    stage.later(DAY);
    assert_eq!(stage.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
    (stage, mid)
}

type Act = fn(&mut Platform, &PersonId, &str, Timestamp) -> Result<Step<()>, ActError>;

fn done<T>(step: Result<Step<T>, ActError>) -> Result<Step<()>, ActError> {
    step.map(|step| Step {
        value: (),
        deliveries: step.deliveries,
    })
}

#[test]
fn messages_reactions_and_links_open_it() {
    let acts: [(&str, Act); 5] = [
        ("text", |platform, ana, _, now| {
            done(platform.say(ana, "hello", now))
        }),
        ("attachment", |platform, ana, _, now| {
            done(platform.attach(ana, "image", "https://cats.example/1.jpg", now))
        }),
        ("reply", |platform, ana, mid, now| {
            done(platform.reply(ana, mid, "as I said", now))
        }),
        ("reaction", |platform, ana, mid, now| {
            platform.react(ana, mid, "love", None, now)
        }),
        ("link", |platform, ana, _, now| {
            platform.open_link(ana, "spring", now)
        }),
    ];
    for (name, act) in acts {
        let (mut stage, mid) = closed();
        stage
            .act(|platform, ana, now| act(platform, ana, &mid, now))
            .unwrap();
        assert_eq!(stage.says(&BOT, "hello"), Ok(()), "{name}");
        let end = stage.thread().window_until(stage.now);
        assert_eq!(end, Some(stage.ahead(DAY)), "{name}");
    }
}

#[test]
fn get_started_opens_it() {
    let mut stage = Stage::routed();
    assert_eq!(stage.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
    stage.act(Platform::get_started).unwrap();
    assert_eq!(stage.says(&BOT, "hello"), Ok(()));
}

#[test]
fn reading_editing_taking_back_and_a_mere_click_on_an_ad_do_not_open_it() {
    let acts: [(&str, Act); 4] = [
        ("read", |platform, ana, _, now| {
            done(platform.read(ana, now))
        }),
        ("edit", |platform, ana, mid, now| {
            platform.edit(ana, mid, "hullo", now)
        }),
        ("unsend", |platform, ana, mid, now| {
            platform.unsend(ana, mid, now)
        }),
        ("ad", |platform, ana, _, now| {
            platform.click_ad(ana, "6045", now)
        }),
    ];
    for (name, act) in acts {
        let (mut stage, mid) = closed();
        stage
            .act(|platform, ana, now| act(platform, ana, &mid, now))
            .unwrap();
        assert_eq!(stage.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW), "{name}");
        assert_eq!(stage.thread().window_until(stage.now), None, "{name}");
    }
}

#[test]
fn a_change_of_control_does_not_open_it() {
    let (mut stage, _) = closed();
    stage.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(stage.says(&SHOP, "buy!"), Err(OUTSIDE_WINDOW));
    stage.take(&BOT).unwrap();
    assert_eq!(stage.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
}

#[test]
fn it_is_open_for_a_day_whoever_has_control() {
    let mut stage = Stage::with_bot_as_owner();
    stage.extend(&BOT, Some(604_800)).unwrap();
    stage.later(DAY - 1);
    assert_eq!(stage.says(&BOT, "hello"), Ok(()));
    stage.later(1);
    assert_eq!(stage.owner(), Some(BOT));
    assert_eq!(stage.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
}

#[test]
fn people_may_answer_for_seven_days_after_the_last_message_which_a_reaction_is_not() {
    let (mut stage, mid) = closed();
    stage.later(DAY);
    stage
        .act(|platform, ana, now| platform.react(ana, &mid, "love", None, now))
        .unwrap();
    stage.later(5 * DAY - HOUR);
    assert!(stage.says_as_human(&BOT).is_ok());
    stage.later(HOUR);
    assert!(stage.says_as_human(&BOT).is_err());
}

#[test]
fn a_human_agents_tool_takes_control_by_sending() {
    let mut stage = Stage::with_bot_as_owner();
    stage.says_as_human(&SHOP).unwrap();
    assert_eq!(stage.owner(), Some(SHOP));
    stage.connection(&BOT).can_take = false;
    assert!(stage.says_as_human(&BOT).is_err());
    assert_eq!(stage.owner(), Some(SHOP));
}
