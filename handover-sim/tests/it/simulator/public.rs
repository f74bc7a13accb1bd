//! What people write in public, and the webhooks that tell of it.

use handover_sim::platform::ActionError;
use handover_sim::{Person, SimulatedApp, Simulator};
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE};

const INSTAGRAM: &str = "17841405793187218";

async fn start(bot: &Bot) -> Simulator {
    Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .instagram(INSTAGRAM, "kaffeehaus", PAGE)
        .app(SimulatedApp::new(BOT, "Bot").webhook(bot.webhook()))
        .start()
        .await
        .unwrap()
}

/// The changes that the bot got, once it has this many.
async fn changes(sim: &Simulator, bot: &Bot, count: usize) -> Vec<Value> {
    sim.wait_until("all is delivered", || bot.webhooks().len() == count)
        .await
        .unwrap();
    let webhooks = bot.webhooks().into_iter();
    webhooks
        .map(|webhook| serde_json::from_slice(&webhook.body).unwrap())
        .map(|body: Value| body["entry"][0]["changes"][0].clone())
        .collect()
}

fn on(sim: &Simulator, account: &str) -> Person {
    sim.person_on(account, "Ana").unwrap()
}

#[tokio::test]
async fn what_is_written_on_the_page_is_news_of_its_feed() {
    let bot = Bot::start().await;
    let sim = start(&bot).await;
    let ana = on(&sim, PAGE);
    let comment = ana.comments("great cake").await.unwrap();
    let post = ana.posts("I was here").await.unwrap();
    let delivered = changes(&sim, &bot, 2).await;
    let fields = |change: &Value| {
        let value = &change["value"];
        assert_eq!(value["from"]["name"], "Ana");
        assert_ne!(value["from"]["id"], ana.id().as_str(), "not the PSID");
        assert!(
            value["created_time"]
                .as_i64()
                .is_some_and(|time| time < 10_000_000_000)
        );
        ["item", "verb", "message"].map(|key| value[key].clone())
    };
    assert!(delivered.iter().all(|change| change["field"] == "feed"));
    assert_eq!(fields(&delivered[0]), ["comment", "add", "great cake"]);
    assert_eq!(delivered[0]["value"]["comment_id"], comment.as_str());
    assert_eq!(
        delivered[0]["value"]["parent_id"],
        delivered[0]["value"]["post_id"]
    );
    assert_eq!(fields(&delivered[1]), ["post", "add", "I was here"]);
    assert_eq!(delivered[1]["value"]["post_id"], post.as_str());
}

#[tokio::test]
async fn a_comment_on_a_boosted_post_comes_twice() {
    let bot = Bot::start().await;
    let sim = start(&bot).await;
    let ana = on(&sim, INSTAGRAM);
    let comment = ana.comments_on_ad("great cake").await.unwrap();
    let delivered = changes(&sim, &bot, 2).await;
    let [first, again] = &delivered[..] else {
        panic!("{delivered:?}");
    };
    for change in [first, again] {
        assert_eq!(change["value"]["id"], comment.as_str());
        assert_eq!(change["value"]["text"], "great cake");
    }
    let (first, again) = (&first["value"]["media"], &again["value"]["media"]);
    assert_eq!(first["ad_id"], Value::Null);
    assert!(again["ad_id"].is_string(), "{again}");
    assert_eq!(again["original_media_id"], first["id"]);
    let on_the_page = on(&sim, PAGE).comments_on_ad("great cake").await;
    assert_eq!(on_the_page, Err(ActionError::NoCommentsOnAds));
}

#[tokio::test]
async fn the_accounts_own_comments_come_as_well() {
    let bot = Bot::start().await;
    let sim = start(&bot).await;
    let inbox = sim.inbox();
    let (on_page, on_instagram) = (on(&sim, PAGE), on(&sim, INSTAGRAM));
    let comment = on_page.comments("great cake").await.unwrap();
    let answer = inbox.comment(&on_page, "thank you", Some(&comment)).await;
    changes(&sim, &bot, 2).await;
    inbox
        .comment(&on_instagram, "new cake", None)
        .await
        .unwrap();
    let delivered = changes(&sim, &bot, 3).await;
    let value = &delivered[1]["value"];
    assert_eq!(
        (&delivered[1]["field"], &value["item"]),
        (&json!("feed"), &json!("comment"))
    );
    assert_eq!(value["from"], json!({"id": PAGE, "name": "Kaffeehaus"}));
    assert_eq!(value["parent_id"], comment.as_str());
    assert_eq!(value["comment_id"], answer.unwrap().as_str());
    assert_eq!(delivered[2]["field"], "comments");
    let from = &delivered[2]["value"]["from"];
    assert_eq!(from, &json!({"id": INSTAGRAM, "username": "kaffeehaus"}));
    let nothing = inbox.comment(&on_page, " ", None).await;
    assert_eq!(nothing, Err(ActionError::Empty));
}

#[tokio::test]
async fn comments_on_instagram_are_news_of_the_media() {
    let bot = Bot::start().await;
    let sim = start(&bot).await;
    let ana = on(&sim, INSTAGRAM);
    let comment = ana.comments("great cake").await.unwrap();
    let delivered = changes(&sim, &bot, 1).await;
    let value = &delivered[0]["value"];
    assert_eq!(delivered[0]["field"], "comments");
    assert_eq!(value["id"], comment.as_str());
    assert_eq!(
        (&value["text"], &value["from"]["username"]),
        (&json!("great cake"), &json!("Ana"))
    );
    assert_eq!(value["media"]["media_product_type"], "FEED");
    assert_eq!(ana.posts("hello").await, Err(ActionError::NoPosts));
    assert_eq!(ana.comments(" ").await, Err(ActionError::Empty));
}
