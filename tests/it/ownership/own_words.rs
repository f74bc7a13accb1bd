//! What the bot said is known by what it sent.

use super::*;
use handover::graph::GraphError;
use handover::protocol::{InstagramComment, OutgoingAttachment, Recipient};

#[on_message(text = "past")]
async fn past_the_outbox(sender: Sender, graph: Graph) -> Result<(), GraphError> {
    graph.send(&sender).text("said past the outbox").await?;
    Ok(())
}

#[on_message(text = "picture")]
async fn picture(sender: Sender, graph: Graph) -> Result<(), GraphError> {
    let picture = OutgoingAttachment::image("https://x.example/1.png");
    graph.send(&sender).attachment(picture).await?;
    Ok(())
}

/// The mid under which the stub took the call with this number.
fn own(on: On, call: usize, text: &str) -> Value {
    on.echo(json!({ "mid": format!("m_out_{call}"), "text": text }))
}

async fn start(store: Store) -> Scene {
    Scene::start(store, Bot::new(routes![past_the_outbox, picture, echo])).await
}

#[tokio::test]
async fn a_message_that_a_handler_sends_itself_is_no_humans() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = start(store).await;
        scene.has_begun(on).await;
        scene.says(on, "past").await;
        scene
            .deliver(on, [own(on, 2, "said past the outbox")])
            .await;
        scene.says(on, "still there?").await;
        assert_eq!(
            scene.called()[2..],
            ["said past the outbox", "still there?"],
            "{store:?} {on:?}"
        );
        assert_eq!(scene.thread(on).await.paused_until(), None);
    }
}

#[tokio::test]
async fn nor_is_one_whose_echo_is_quicker_than_the_answer() {
    for (text, said) in [("past", "said past the outbox"), ("hello", "hello")] {
        for store in STORES {
            let on = On::Instagram;
            let scene = start(store).await;
            scene.has_begun(on).await;
            scene.bot.graph.hold();
            scene.deliver(on, [on.message(text)]).await;
            scene.bot.graph.wait_for_calls(3).await;
            scene.deliver(on, [own(on, 2, said)]).await;
            scene.bot.graph.let_go();
            scene.settled().await;
            scene.says(on, "still there?").await;
            assert_eq!(scene.called()[2..], [said, "still there?"], "{store:?}");
        }
    }
}

/// The platform shows something else than was sent, so only the answer tells.
#[tokio::test]
async fn nor_is_one_that_looks_different_and_comes_before_the_answer() {
    for store in STORES {
        for text in ["past", "picture", "hello"] {
            let on = On::Instagram;
            let scene = start(store).await;
            scene.has_begun(on).await;
            scene.bot.graph.hold();
            scene.deliver(on, [on.message(text)]).await;
            scene.bot.graph.wait_for_calls(3).await;
            scene.deliver(on, [own(on, 2, "changed on its way")]).await;
            scene.bot.graph.let_go();
            scene.settled().await;
            scene.says(on, "still there?").await;
            assert_eq!(
                scene.called().pop().unwrap(),
                "still there?",
                "{store:?} {text}"
            );
            assert_eq!(scene.thread(on).await.paused_until(), None);
        }
    }
}

#[tokio::test]
async fn the_echo_of_a_picture_is_known_before_the_answer() {
    for store in STORES {
        let on = On::Instagram;
        let scene = start(store).await;
        scene.has_begun(on).await;
        scene.bot.graph.hold();
        scene.deliver(on, [on.message("picture")]).await;
        scene.bot.graph.wait_for_calls(3).await;
        let shown = json!({ "mid": "m_out_2", "attachments": [{ "type": "image", "payload": { "url": "https://cdn.example/x" } }] });
        scene.deliver(on, [on.echo(shown)]).await;
        scene.bot.graph.let_go();
        scene.settled().await;
        scene.says(on, "still there?").await;
        assert_eq!(scene.called().pop().unwrap(), "still there?");
    }
}

#[tokio::test]
async fn a_private_reply_to_a_comment_is_no_humans() {
    #[on_event(name = "comments")]
    async fn in_public(
        Content(comment): Content<InstagramComment>,
        graph: Graph,
    ) -> Result<(), GraphError> {
        let comment = comment.id.unwrap_or_default();
        let answer = graph.send_to(Recipient::comment(comment));
        answer.text("Thank you! Can we help?").await?;
        Ok(())
    }
    #[on_event(name = "comments")]
    async fn in_public_by_an_outcome(
        Content(comment): Content<InstagramComment>,
    ) -> Option<Message> {
        Some(Message::text("Thank you! Can we help?").to_comment(comment.id?))
    }
    let routes = [
        || routes![in_public, echo],
        || routes![in_public_by_an_outcome, echo],
    ];
    for (store, routes) in STORES.into_iter().flat_map(|s| routes.map(|r| (s, r))) {
        for before_the_answer in [false, true] {
            let on = On::Instagram;
            let scene = Scene::start(store, Bot::new(routes())).await;
            let sent = json!({ "recipient_id": PERSON, "message_id": "m_private" });
            scene.bot.graph.next_answer(200, sent);
            let echo = on.echo(json!({ "mid": "m_private", "text": "Thank you! Can we help?" }));
            scene.bot.graph.hold();
            let change = json!({ "field": "comments", "value": { "id": "c1", "text": "Lovely!", "from": { "id": "7", "username": "ana" } } });
            let entry = json!({ "id": on.account(), "time": 1, "changes": [change] });
            let body = json!({ "object": "instagram", "entry": [entry] });
            assert_eq!(scene.bot.platform.post_bytes(body.to_string()).await, 200);
            scene.bot.graph.wait_for_calls(1).await;
            if before_the_answer {
                scene.deliver(on, [echo.clone()]).await;
            }
            scene.bot.graph.let_go();
            scene.settled().await;
            if !before_the_answer {
                scene.deliver(on, [echo]).await;
            }
            scene.says(on, "yes please").await;
            assert_eq!(scene.called()[1..], ["yes please"], "{store:?}");
        }
    }
}

#[tokio::test]
async fn the_echo_settles_a_call_whose_answer_was_lost() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        let scene = start(store).await;
        scene.has_begun(on).await;
        scene.bot.graph.next_answer(502, json!("no Graph answer"));
        scene.deliver(on, [on.message("one")]).await;
        scene.bot.graph.wait_for_calls(3).await;
        until("the answer is known to be lost", async || {
            let figures = scene.journal.backlog().await.unwrap();
            (figures.calls == 1 && figures.events == 0)
                .then_some(())
                .ok_or_else(|| format!("{figures:?}"))
        })
        .await;
        // A native app's echo on Messenger names no app either: what the bot sent is what counts.
        scene
            .deliver(on, [on.echo(json!({ "mid": "m_lost", "text": "one" }))])
            .await;
        scene.settled().await;
        scene.says(on, "two").await;
        assert_eq!(scene.called()[2..], ["one", "two"], "{store:?} {on:?}");
        assert!(scene.dead().await.is_empty());
        assert_eq!(scene.thread(on).await.paused_until(), None);
    }
}

#[tokio::test]
async fn a_direct_message_whose_answer_was_lost_is_no_humans() {
    let on = On::Instagram;
    for store in STORES {
        let scene = start(store).await;
        scene.has_begun(on).await;
        scene.bot.graph.next_answer(502, json!("no Graph answer"));
        scene.says(on, "past").await;
        scene
            .deliver(
                on,
                [on.echo(json!({ "mid": "m_lost", "text": "said past the outbox" }))],
            )
            .await;
        scene.says(on, "still there?").await;
        assert_eq!(scene.called().pop().unwrap(), "still there?", "{store:?}");
    }
}

#[tokio::test]
async fn what_somebody_else_says_in_the_same_words_later_is_a_humans() {
    let on = On::Instagram;
    for store in STORES {
        let scene = start(store).await;
        scene.has_begun(on).await;
        scene.deliver(on, [own(on, 1, "again")]).await;
        scene.settled().await;
        scene.deliver(on, [on.inbox_says("again")]).await;
        scene.says(on, "who is that?").await;
        assert_eq!(scene.called(), ["hello", "again"], "{store:?}");
    }
}

/// Ten answers with their echoes teach that echoes come; then one does not.
#[tokio::test]
async fn echoes_that_come_after_the_answer_teach_that_echoes_come() {
    for (store, on) in STORES.into_iter().flat_map(|s| On::BOTH.map(|on| (s, on))) {
        for late in [true, false] {
            let scene = start(store).await;
            for number in 0..3 {
                let text = number.to_string();
                let mut content = json!({ "mid": format!("m_out_{number}"), "text": text });
                if on == On::Messenger {
                    content["app_id"] = APP.into();
                }
                if late {
                    scene.says(on, &text).await;
                    scene.deliver(on, [on.echo(content)]).await;
                } else {
                    scene.bot.graph.hold();
                    scene.deliver(on, [on.message(&text)]).await;
                    scene.bot.graph.wait_for_calls(number + 1).await;
                    scene.deliver(on, [on.echo(content)]).await;
                    scene.bot.graph.let_go();
                    scene.settled().await;
                }
            }
            scene.bot.graph.next_answer(502, json!("no Graph answer"));
            scene.deliver(on, [on.message("lost")]).await;
            scene.bot.graph.wait_for_calls(4).await;
            until("it waits for its echo", async || {
                scene.clock.advance(Duration::from_secs(11));
                let called = scene.called().len();
                (called == 5).then_some(()).ok_or(format!("{called}"))
            })
            .await;
            scene.settled().await;
            assert_eq!(
                scene.called()[3..],
                ["lost", "lost"],
                "{store:?} {on:?} {late}"
            );
            assert!(scene.dead().await.is_empty());
        }
    }
}

#[tokio::test]
async fn what_was_sent_is_known_after_a_restart() {
    let on = On::Instagram;
    let file = fresh_file();
    let bot = || Bot::new(routes![past_the_outbox, echo]);
    let mut scene = {
        let journal = Journal::open(&file).unwrap();
        Scene::with(bot().journal(journal.clone()), journal, Clock::default()).await
    };
    scene.has_begun(on).await;
    scene.says(on, "past").await;
    scene.bot.handle.stop().await;
    scene = {
        let journal = Journal::open(&file).unwrap();
        Scene::with(bot().journal(journal.clone()), journal, Clock::default()).await
    };
    scene
        .deliver(on, [own(on, 2, "said past the outbox")])
        .await;
    scene.says(on, "still there?").await;
    assert_eq!(scene.called(), ["still there?"]);
}
