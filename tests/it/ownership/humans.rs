//! Which echoes are a human's, and what that does.

use super::*;
use handover::HumanApps;

/// Whether the bot is still heard after this echo in a running conversation.
async fn talks_on_after(bot: Bot, on: On, echo: Value) -> bool {
    let scene = Scene::start(Store::Memory, bot).await;
    scene.has_begun(on).await;
    scene.deliver(on, [echo]).await;
    scene.says(on, "and now?").await;
    match &scene.called()[2..] {
        [] => false,
        [text] if text == "and now?" => true,
        other => panic!("{other:?}"),
    }
}

fn bot() -> Bot {
    Bot::new(routes![echo])
}

#[tokio::test]
async fn people_silence_the_bot_and_others_do_not() {
    let on = On::Messenger;
    let with = |extra: Value| {
        let mut echo = on.inbox_says("hi");
        for (key, value) in extra.as_object().unwrap() {
            echo["message"][key] = value.clone();
        }
        echo
    };
    let native = on.echo(json!({ "mid": "m_native", "text": "hi" }));
    let people = [
        ("the inbox", on.inbox_says("hi")),
        ("somebody's phone", native.clone()),
        ("a desk", on.app_says(DESK, "hi")),
        (
            "a picture",
            with(json!({ "text": null, "attachments": [{ "type": "image" }] })),
        ),
        (
            "metadata of a tool",
            with(json!({ "metadata": "{\"source\":\"desk\"}" })),
        ),
    ];
    for (who, echo) in people {
        assert!(!talks_on_after(bot(), on, echo).await, "{who}");
    }
    let nobody = [
        (
            "a deleted message",
            with(json!({ "text": null, "is_deleted": true })),
        ),
        ("Meta's AI", with(json!({ "ai_generated": true }))),
        (
            "Meta's AI by its metadata",
            with(json!({ "metadata": "{\"source\":\"axon\"}" })),
        ),
        ("Lead Ads", on.app_says(413_038_776_280_800, "When?")),
        ("this bot, from elsewhere", on.app_says(APP, "hi")),
        ("a bot of this framework", {
            let mut echo = native;
            echo["message"]["metadata"] = "handover:0123456789abcdef".into();
            echo
        }),
    ];
    for (who, echo) in nobody {
        assert!(talks_on_after(bot(), on, echo).await, "{who}");
    }
}

#[tokio::test]
async fn a_deleted_message_is_no_sign_of_a_human_on_instagram_either() {
    let on = On::Instagram;
    let deleted = on.echo(json!({ "mid": "m_of_last_year", "is_deleted": true }));
    assert!(talks_on_after(bot(), on, deleted).await);
    let scene = Scene::start(Store::Memory, bot()).await;
    scene.has_begun(on).await;
    // The person takes a message back, which says nothing either.
    let mut taken_back = on.message("");
    taken_back["message"] = json!({ "mid": "m_of_last_year", "is_deleted": true });
    scene.deliver(on, [taken_back]).await;
    scene.says(on, "and now?").await;
    assert_eq!(scene.called().last().unwrap(), "and now?");
}

#[tokio::test]
async fn a_setting_says_which_apps_are_people() {
    let on = On::Messenger;
    let desk = || on.app_says(DESK, "hi");
    let other = || on.app_says(888, "hi");
    assert!(!talks_on_after(bot().human_apps([DESK]), on, desk()).await);
    assert!(talks_on_after(bot().human_apps([DESK]), on, other()).await);
    assert!(!talks_on_after(bot().human_apps([DESK]), on, on.inbox_says("hi")).await);
    let but = || bot().human_apps(HumanApps::all_except([DESK]));
    assert!(talks_on_after(but(), on, desk()).await);
    assert!(!talks_on_after(but(), on, other()).await);
    let mut by_ai = on.inbox_says("hi");
    by_ai["message"]["ai_generated"] = true.into();
    let counted = bot().human_apps(HumanApps::default().meta_ai(true));
    assert!(!talks_on_after(counted, on, by_ai).await);
}

#[tokio::test]
async fn the_instant_reply_is_no_human_and_whatever_follows_is() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = Scene::start(store, bot()).await;
        scene.says(on, "hello").await;
        scene
            .deliver(on, [on.inbox_says("Thanks for writing to us!")])
            .await;
        scene.says(on, "are you there?").await;
        assert_eq!(
            scene.called(),
            ["hello", "are you there?"],
            "{store:?} {on:?}"
        );
        scene.deliver(on, [on.inbox_says("Hi, this is Ana")]).await;
        scene.says(on, "hi Ana").await;
        assert_eq!(scene.called().len(), 2, "{store:?} {on:?}");

        // A day later a new conversation begins.
        scene.hours(25);
        scene.says(on, "hello again").await;
        scene.deliver(on, [on.inbox_says("We are closed.")]).await;
        scene.says(on, "oh").await;
        assert_eq!(
            scene.called()[2..],
            ["hello again", "oh"],
            "{store:?} {on:?}"
        );
    }
}

#[tokio::test]
async fn only_the_first_echo_right_after_the_first_message_is_the_instant_reply() {
    let on = On::Messenger;
    for second in [true, false] {
        let scene = Scene::start(Store::Memory, bot()).await;
        scene.says(on, "hello").await;
        if second {
            scene.deliver(on, [on.inbox_says("Thanks!")]).await;
        } else {
            scene.clock.advance(Duration::from_secs(6));
        }
        scene.deliver(on, [on.inbox_says("This is Ana")]).await;
        scene.says(on, "hi").await;
        assert_eq!(scene.called(), ["hello"], "second: {second}");
    }
    let scene = Scene::start(
        Store::Memory,
        bot().human_apps(HumanApps::default().instant_replies(true)),
    )
    .await;
    scene.says(on, "hello").await;
    scene.deliver(on, [on.inbox_says("Thanks!")]).await;
    scene.says(on, "hi").await;
    assert_eq!(scene.called(), ["hello"]);
}
