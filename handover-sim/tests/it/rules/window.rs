//! The messaging window: what opens it, and how long it is open.

use crate::support::rules::{BOT, DAY, HOUR, PAGE, Rules, SHOP};
use handover_protocol::PersonId;
use handover_protocol::Timestamp;
use handover_sim::platform::{Account, ActionError, Ad, Platform, Step};

const OUTSIDE_WINDOW: (i64, Option<i64>) = (10, Some(2_018_278));

/// A day has passed since Ana wrote, and her message has an id.
fn closed() -> (Rules, String) {
    let account = Account::page(PAGE, "Kaffeehaus")
        .default_app(BOT)
        .ad(Ad::new("6045", "Hats"));
    let mut rules = Rules::on(account);
    rules.ana_says("hello");
    let mid = rules.thread().messages().next().unwrap().mid.clone();
    rules.says(&BOT, "hello").unwrap();
    rules.later(DAY);
    assert_eq!(rules.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
    (rules, mid)
}

type Act = fn(&mut Platform, &PersonId, &str, Timestamp) -> Result<Step<()>, ActionError>;

fn done<T>(step: Result<Step<T>, ActionError>) -> Result<Step<()>, ActionError> {
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
        let (mut rules, mid) = closed();
        rules
            .act(|platform, ana, now| act(platform, ana, &mid, now))
            .unwrap();
        assert_eq!(rules.says(&BOT, "hello"), Ok(()), "{name}");
        let end = rules.thread().window_until(rules.now);
        assert_eq!(end, Some(rules.ahead(DAY)), "{name}");
    }
}

#[test]
fn get_started_opens_it() {
    let mut rules = Rules::routed();
    assert_eq!(rules.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
    rules.act(Platform::get_started).unwrap();
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
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
        let (mut rules, mid) = closed();
        rules
            .act(|platform, ana, now| act(platform, ana, &mid, now))
            .unwrap();
        assert_eq!(rules.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW), "{name}");
        assert_eq!(rules.thread().window_until(rules.now), None, "{name}");
    }
}

#[test]
fn a_change_of_control_does_not_open_it() {
    let (mut rules, _) = closed();
    rules.pass(&BOT, Some(&SHOP)).unwrap();
    assert_eq!(rules.says(&SHOP, "buy!"), Err(OUTSIDE_WINDOW));
    rules.take(&BOT).unwrap();
    assert_eq!(rules.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
}

#[test]
fn it_is_open_for_a_day_whichever_app_has_control() {
    let mut rules = Rules::with_bot_as_owner();
    rules.extend(&BOT, Some(604_800)).unwrap();
    rules.later(DAY - 1);
    assert_eq!(rules.says(&BOT, "hello"), Ok(()));
    rules.later(1);
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(rules.says(&BOT, "buy!"), Err(OUTSIDE_WINDOW));
}

#[test]
fn people_may_answer_for_seven_days_after_the_last_message_which_a_reaction_is_not() {
    let (mut rules, mid) = closed();
    rules.later(DAY);
    rules
        .act(|platform, ana, now| platform.react(ana, &mid, "love", None, now))
        .unwrap();
    rules.later(5 * DAY - HOUR);
    assert!(rules.says_as_human(&BOT).is_ok());
    rules.later(HOUR);
    assert!(rules.says_as_human(&BOT).is_err());
}

#[test]
fn a_human_agents_tool_takes_control_by_sending() {
    let mut rules = Rules::with_bot_as_owner();
    rules.says_as_human(&SHOP).unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    rules.connection(&BOT).can_take = false;
    assert!(rules.says_as_human(&BOT).is_err());
    assert_eq!(rules.owner(), Some(SHOP));
}
