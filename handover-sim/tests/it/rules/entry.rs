//! Which app gets an idle thread, by the way the person came in.

use crate::support::rules::{BOT, DAY, HOUR, INBOX, PAGE, Rules, SHOP, delivered, item, tells};
use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, Timestamp};
use handover_sim::platform::{
    Account, ActionError, Ad, App, Behavior, IdleMessage, Platform, Product, Routing, WebhookField,
};
use serde_json::json;
use std::collections::BTreeMap;

/// An app that gets those who come of themselves.
const SOCIAL: AppId = AppId::from_static("498721317747541");

/// The default app is the bot; links "spring" and the ad "6045" lead to the shop, the ad for four
/// days; who comes of themselves gets the social app.
fn everything_routed() -> Rules {
    let routing = Routing::Conversation {
        default_app: BOT,
        social: Some(SOCIAL),
        links: BTreeMap::from([("spring".to_owned(), SHOP)]),
    };
    let account = Account::page(PAGE, "Kaffeehaus")
        .routing(routing)
        .ad(Ad::new("6045", "Hats").received_by(SHOP, 4))
        .ad(Ad::new("6046", "Coats"));
    let mut rules = Rules::on(account);
    rules.platform.connect(App::new(SOCIAL, "Social"));
    rules
}

fn in_a_day(rules: &Rules) -> Option<Timestamp> {
    Some(rules.ahead(DAY))
}

/// Lets Ana say something and control run out.
fn with_a_past(mut rules: Rules) -> Rules {
    rules.ana_says("hello");
    rules.later(2 * DAY);
    rules
}

#[test]
fn a_message_on_an_idle_thread_gives_it_to_the_default_app() {
    let mut rules = Rules::routed();
    assert_eq!(rules.owner(), None);
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(rules.expiration(), in_a_day(&rules));
}

#[test]
fn who_comes_of_themselves_gets_the_social_app_instead_of_the_default_app() {
    let mut rules = everything_routed();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(SOCIAL));

    let mut rules = everything_routed();
    rules.act(Platform::get_started).unwrap();
    assert_eq!(rules.owner(), Some(SOCIAL));
}

#[test]
fn a_link_leads_to_its_own_app_and_an_unknown_one_to_the_default_app() {
    for (link, app) in [("spring", SHOP), ("autumn", BOT)] {
        let mut rules = everything_routed();
        rules
            .act(|platform, ana, now| platform.open_link(ana, link, now))
            .unwrap();
        assert_eq!(rules.owner(), None, "nothing was said yet");
        rules.ana_says("hello");
        assert_eq!(rules.owner(), Some(app), "{link}");
    }
}

#[test]
fn an_ad_leads_to_its_own_app_for_as_many_days_as_it_says() {
    let mut rules = everything_routed();
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.expiration(), Some(rules.ahead(4 * DAY)));

    rules.later(HOUR).ana_says("are you there?");
    assert_eq!(
        rules.expiration(),
        Some(rules.ahead(4 * DAY - HOUR)),
        "a message does not shorten it"
    );
    rules.pass(&SHOP, Some(&BOT)).unwrap();
    assert_eq!(
        rules.expiration(),
        in_a_day(&rules),
        "an action on control does"
    );
}

#[test]
fn an_ad_that_names_no_app_leads_to_the_default_app_for_a_day() {
    let mut rules = everything_routed();
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6046", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(rules.expiration(), in_a_day(&rules));
}

#[test]
fn an_ad_whose_app_is_not_connected_leads_to_the_default_app_for_a_day() {
    let mut rules = everything_routed();
    let account = rules.account();
    rules.platform.disconnect(&account, &SHOP);
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(BOT));
    assert_eq!(rules.expiration(), in_a_day(&rules));
}

#[test]
fn an_ads_days_out_of_range_count_as_one() {
    let days = |product: fn(&str) -> Account, days: u32| {
        let ad = Ad::new("6045", "Hats").received_by(SHOP, days);
        let mut rules = Rules::on(product(PAGE).default_app(BOT).ad(ad));
        rules
            .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
            .unwrap();
        rules.ana_says("hello");
        (rules.expiration().unwrap().as_millis() - rules.now.as_millis()) / DAY
    };
    let messenger = |page: &str| Account::page(page, "Kaffeehaus");
    let instagram = |page: &str| Account::instagram("17841", "kaffeehaus", page);
    let of_messenger = [0, 1, 7, 8].map(|asked| days(messenger, asked));
    let of_instagram = [0, 1, 30, 31].map(|asked| days(instagram, asked));
    assert_eq!(of_messenger, [1, 1, 7, 1]);
    assert_eq!(of_instagram, [1, 1, 30, 1]);
}

#[test]
fn only_an_idle_thread_is_routed() {
    let mut rules = everything_routed();
    rules.ana_says("hello");
    rules
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(SOCIAL));
}

#[test]
fn a_link_into_an_idle_thread_routes_it_at_once_and_notifies_its_app() {
    let mut rules = with_a_past(everything_routed());
    let opened = rules
        .act(|platform, ana, now| platform.open_link(ana, "spring", now))
        .unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(
        delivered(&opened.deliveries),
        tells([(SHOP, Messaging, "referral")])
    );
    assert_eq!(
        item(&opened.deliveries[0])["referral"],
        json!({"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"})
    );
}

#[test]
fn a_click_on_an_ad_in_an_idle_thread_routes_it_at_once_and_notifies_its_app() {
    let mut rules = with_a_past(everything_routed());
    let clicked = rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    assert_eq!(rules.owner(), Some(SHOP));
    assert_eq!(rules.expiration(), Some(rules.ahead(4 * DAY)));
    assert_eq!(
        delivered(&clicked.deliveries),
        tells([(SHOP, Messaging, "referral")])
    );
    assert_eq!(
        item(&clicked.deliveries[0])["referral"],
        json!({"source": "ADS", "type": "OPEN_THREAD", "ad_id": "6045",
               "ads_context_data": {"ad_title": "Hats"}})
    );
}

#[test]
fn get_started_on_a_new_thread_says_which_link_or_ad_led_there() {
    let started = |rules: &mut Rules| {
        let started = rules.act(Platform::get_started);
        let deliveries = started.unwrap().deliveries;
        assert_eq!(deliveries[0].channel, Standby, "the bot only listens in");
        item(&deliveries[1])["postback"]["referral"].clone()
    };
    let mut rules = everything_routed();
    let opened = rules.act(|platform, ana, now| platform.open_link(ana, "spring", now));
    assert_eq!(
        opened.unwrap().deliveries,
        [],
        "the thread is still to begin"
    );
    assert_eq!(
        started(&mut rules),
        json!({"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"})
    );
    assert_eq!(rules.owner(), Some(SHOP));

    let mut rules = everything_routed();
    let clicked = rules.act(|platform, ana, now| platform.click_ad(ana, "6045", now));
    assert_eq!(clicked.unwrap().deliveries, []);
    assert_eq!(started(&mut rules)["ad_id"], "6045");
}

#[test]
fn a_first_message_says_which_ad_led_there_to_apps_subscribed_to_referrals_too() {
    let mut rules = everything_routed();
    let without_referrals =
        ["messages", "standby"].map(|name| WebhookField::named(Product::Messenger, name).unwrap());
    rules.connection(&SOCIAL).fields = Some(without_referrals.into());
    rules
        .act(|platform, ana, now| platform.click_ad(ana, "6045", now))
        .unwrap();
    let said = rules.ana_says("hello");
    assert_eq!(
        delivered(&said),
        tells([
            (BOT, Standby, "message"),
            (SHOP, Messaging, "message"),
            (SOCIAL, Standby, "message"),
        ])
    );
    assert_eq!(item(&said[1])["message"]["referral"]["ad_id"], "6045");
    assert_eq!(item(&said[2])["message"].get("referral"), None);

    let said = rules.ana_says("hello again");
    assert_eq!(
        item(&said[1])["message"].get("referral"),
        None,
        "only the first does"
    );
}

#[test]
fn an_unknown_ad_cannot_be_clicked() {
    let mut rules = everything_routed();
    let clicked = rules.act(|platform, ana, now| platform.click_ad(ana, "1", now));
    assert_eq!(clicked, Err(ActionError::NoSuchAd("1".to_owned())));
}

#[test]
fn optionally_the_default_app_gets_the_message_and_the_thread_stays_idle() {
    let mut rules = Rules::routed().with_behavior(Behavior {
        idle_message: IdleMessage::StaysIdle,
        ..Behavior::default()
    });
    let said = rules.ana_says("hello");
    assert_eq!(rules.owner(), None);
    assert_eq!(
        delivered(&said),
        tells([(BOT, Messaging, "message"), (SHOP, Standby, "message")])
    );
}

#[test]
fn the_inbox_can_be_the_default_app() {
    let mut rules = Rules::on(Account::page(PAGE, "Kaffeehaus").default_app(INBOX));
    let said = rules.ana_says("hello");
    assert_eq!(rules.owner(), Some(INBOX));
    assert_eq!(
        delivered(&said),
        tells([(BOT, Standby, "message"), (SHOP, Standby, "message")])
    );
}

#[test]
fn changing_the_routing_leaves_threads_with_their_owners() {
    let mut rules = Rules::with_bot_as_owner();
    let account = rules.account();
    let routed = rules
        .platform
        .route(&account, Routing::to(SHOP), rules.now)
        .unwrap();
    assert_eq!(routed.deliveries, [], "conversation routing tells nobody");
    assert_eq!(rules.owner(), Some(BOT));
    rules.later(DAY).ana_says("hello");
    assert_eq!(rules.owner(), Some(SHOP));
}

#[test]
fn only_connected_apps_can_be_routed_to() {
    let mut rules = Rules::routed();
    let nobody = AppId::from("1");
    let account = rules.account();
    let routed = rules
        .platform
        .route(&account, Routing::to(nobody.clone()), rules.now);
    assert_eq!(
        routed.unwrap_err(),
        ActionError::NotConnected {
            app: nobody,
            account
        }
    );
    let elsewhere = rules
        .platform
        .route(&"1".into(), Routing::ZeroConfig, rules.now);
    assert_eq!(
        elsewhere.unwrap_err(),
        ActionError::NoSuchAccount("1".into())
    );
}
