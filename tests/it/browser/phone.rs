//! What a person gets to see, and does with it.

use std::collections::HashMap;

use handover_sim::Simulator;
use handover_testkit::http;
use serde_json::{Value, json};
use url::Url;

use crate::support::browser::play;
use crate::support::played_bot::{BOT, PAGE, PlayedBot, app};
use crate::support::simulator_page::SimulatorPage;
use crate::support::wait::until;

#[tokio::test]
async fn people_answer_by_tapping() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("taps", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;

        bot.sends(
            &ana,
            json!({"text": "Which size?", "quick_replies": [
                {"content_type": "text", "title": "Small", "payload": "S"},
                {"content_type": "text", "title": "Large", "payload": "L"},
            ]}),
        )
        .await;
        page.shows("quick-replies", "Large").await;
        page.click("quick-reply").await;
        page.shows("person-messages", "Small").await;
        page.gives(
            "return document.querySelectorAll('[data-testid=quick-reply]').length",
            0,
        )
        .await;

        bot.sends(
            &ana,
            template(json!({
                "template_type": "generic",
                "elements": [{"title": "Melange", "subtitle": "Espresso, milk, foam", "buttons": [
                    {"type": "postback", "title": "Order", "payload": "ORDER"},
                ]}],
            })),
        )
        .await;
        page.shows("template", "Espresso, milk, foam").await;
        page.click("person-button").await;
        until("the tap is said", async || {
            let last = ana.messages().pop().and_then(|message| message.text);
            (last.as_deref() == Some("Order"))
                .then_some(())
                .ok_or_else(|| format!("{last:?}"))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn every_template_and_attachment_can_be_seen() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("templates", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        for (payload, seen) in templates() {
            assert_eq!(
                bot.sends(&ana, template(payload)).await,
                Some(200),
                "{seen}"
            );
            page.shows("person-messages", seen).await;
        }
        for kind in ["image", "audio", "video", "file"] {
            let url = format!("https://cdn.example/the-{kind}");
            let attachment = json!({"type": kind, "payload": {"url": url}});
            bot.sends(&ana, json!({ "attachment": attachment })).await;
            page.shows("person-messages", &format!("the-{kind}")).await;
        }
        page.gives(
            "return document.querySelectorAll('img:not([src^=\"/control/\"]), audio, video').length",
            0,
        )
        .await;
    })
    .await;
}

fn template(payload: Value) -> Value {
    json!({"attachment": {"type": "template", "payload": payload}})
}

/// A template, and something of it that people have to see.
fn templates() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"template_type": "button", "text": "What next?", "buttons": [
                {"type": "postback", "title": "Opening hours", "payload": "HOURS"}]}),
            "Opening hours",
        ),
        (
            json!({"template_type": "receipt", "recipient_name": "Ana", "order_number": "AX-1",
                "currency": "EUR", "payment_method": "Visa 4242", "summary": {"total_cost": 17.6}}),
            "€17.60",
        ),
        (
            json!({"template_type": "coupon", "title": "10 % off", "coupon_code": "10PERCENT"}),
            "10PERCENT",
        ),
    ]
}

#[tokio::test]
async fn both_sides_react() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    let mid = ana.says("Thank you").await.unwrap();
    play("reactions", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        let reaction = json!({
            "recipient": {"id": ana.id()},
            "sender_action": "react",
            "payload": {"message_id": mid, "reaction": "❤"},
        });
        assert_eq!(bot.calls("messages", reaction).await, Some(200));
        page.shows("bubble-person", "❤").await;

        bot.sends(&ana, json!({"text": "You are welcome"})).await;
        page.shows("bubble-page", "You are welcome").await;
        page.click_in("bubble-page", "message-more").await;
        page.click("react-smile").await;
        page.shows("bubble-page", "😊").await;
        page.has_row("the reaction", |row| row.title == "reaction")
            .await;
    })
    .await;
}

#[tokio::test]
async fn what_was_said_is_answered_changed_and_taken_back() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("One melange").await.unwrap();
    play("gestures", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("bubble-person", "One melange").await;
        page.click_in("bubble-person", "message-more").await;
        page.click("message-edit").await;
        page.fill("person-input", "Two melanges").await;
        page.click("person-send").await;
        page.shows("bubble-person", "Two melanges").await;
        page.shows("bubble-person", "Edited").await;

        bot.sends(&ana, json!({"text": "With sugar?"})).await;
        page.shows("bubble-page", "With sugar?").await;
        page.click_in("bubble-page", "message-more").await;
        page.click("message-reply").await;
        page.write("person-input", "Without", "person-send").await;
        page.shows("inbox-messages", "↩ With sugar?").await;

        page.click_in("bubble-person", "message-more").await;
        page.click("message-unsend").await;
        page.shows("bubble-person", "Message unsent").await;

        page.click("phone-more").await;
        page.click("attach-image").await;
        page.click("ask-send").await;
        page.shows("inbox-messages", "photo.jpg").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_logs_in_at_the_business_and_out_again() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("logged_out", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        let offer = |button| {
            template(
                json!({"template_type": "button", "text": "Your account", "buttons": [button]}),
            )
        };
        let login = json!({"type": "account_link", "url": "https://shop.example/login?shop=1"});
        bot.sends(&ana, offer(login)).await;
        page.click("person-button").await;
        page.shows("login-page", "Open shop.example").await;
        page.picture("login").await;
        let address = "return document.querySelector('[data-testid=login-page]').href";
        let address = Url::parse(&page.read::<String>(address).await).unwrap();
        let given: HashMap<_, _> = address.query_pairs().into_owned().collect();
        assert_eq!(given["shop"], "1");
        assert!(!given["account_linking_token"].is_empty());
        // The shop's page sends them back.
        let back = format!("{}&authorization_code=SHOP-7", given["redirect_uri"]);
        let back = http::get(back).await.unwrap().text().await.unwrap();
        assert!(back.contains("The accounts are linked"), "{back}");
        page.has_row("the login", |row| row.title == "account_linking")
            .await;

        page.reload().await;
        bot.sends(&ana, offer(json!({"type": "account_unlink"})))
            .await;
        let newest = "[...document.querySelectorAll('#person-messages .card-button')].at(-1)";
        page.gives(
            &format!("return {newest}.textContent"),
            "Log out".to_owned(),
        )
        .await;
        page.read::<()>(&format!("{newest}.click()")).await;
        until("both bots get the event", async || {
            let rows = page.timeline().await;
            let linkings = rows.iter().filter(|row| row.title == "account_linking");
            (linkings.count() == 2)
                .then_some(())
                .ok_or_else(|| format!("{rows:?}"))
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_people_do_elsewhere_is_in_the_menu() {
    let bot = PlayedBot::start().await;
    bot.sim.person("Ana").says("Hello").await.unwrap();
    play("elsewhere", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("phone-more").await;
        page.click("tick-box").await;
        page.fill("ask-user_ref", "visitor-9").await;
        page.click("ask-send").await;
        let hello = json!({"recipient": {"user_ref": "visitor-9"}, "message": {"text": "Hi"}});
        until("the box is ticked", async || {
            let sent = bot.calls("messages", hello.clone()).await;
            (sent == Some(200))
                .then_some(())
                .ok_or_else(|| format!("{sent:?}"))
        })
        .await;
        page.shows("person-messages", "Hi").await;

        page.click("phone-more").await;
        page.click("comment").await;
        page.click("ask-send").await;
        page.has_row("the comment", |row| row.title == "feed").await;
    })
    .await;
    let instagram = Simulator::builder().instagram("17841405793187218", "Kaffeehaus", PAGE);
    let bot = PlayedBot::on(instagram.app(app())).await;
    bot.sim.person("Ben").says("Hello").await.unwrap();
    play("story", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("phone-more").await;
        page.click("story-reply").await;
        page.click("ask-send").await;
        page.shows("inbox-messages", "Lovely!").await;
    })
    .await;
}

#[tokio::test]
async fn another_app_acts_and_somebody_new_comes() {
    let bot = PlayedBot::start().await;
    play("others", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("person-new").await;
        page.fill("new-person-name", "Zoe").await;
        page.click("new-person-add").await;
        page.shows("inbox-name", "Zoe").await;
        page.write("person-input", "Hello", "person-send").await;
        page.shows("owner", "Bot").await;

        page.click(&format!("action-as][data-app-id='{BOT}'")).await;
        page.write("inbox-input", "Bot speaking", "inbox-reply")
            .await;
        page.shows("person-messages", "Bot speaking").await;
        page.click("app-pass").await;
        page.click("pass-send").await;
        page.shows("owner", "Page Inbox").await;
        page.shows("inbox-messages", "Bot passed the thread to Page Inbox")
            .await;

        page.click("folder-all").await;
        page.fill("people-search", "Ana").await;
        page.gives(
            "return [...document.querySelectorAll('.person-name')].map(name => name.textContent)",
            vec!["Ana".to_owned()],
        )
        .await;
    })
    .await;
}
