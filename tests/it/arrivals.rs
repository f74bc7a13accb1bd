//! What arrives at the webhook, as the platform is known to send it.

use std::sync::{Arc, Mutex};

use handover::journal::Journal;
use handover::prelude::*;
use handover::protocol::{Feed, InstagramComment};
use handover::{BotState, Config};
use handover_testkit::http;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::logs::Logs;
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::watched::Watched;
use handover_testkit::graph::GraphStub;

type Heard = Arc<Mutex<Vec<String>>>;

/// What handlers noted.
#[derive(BotState, Clone, Default)]
struct Notes {
    heard: Heard,
}

impl Notes {
    fn all(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

fn note(heard: &State<Heard>, what: impl Into<String>) {
    heard.lock().unwrap().push(what.into());
}

#[on_message]
async fn said(text: Text, heard: State<Heard>) {
    note(&heard, format!("said {text}"));
}

#[on_echo]
async fn echoed(text: Option<Text>, heard: State<Heard>) {
    note(
        &heard,
        format!("echo {}", text.map(|text| text.0).unwrap_or_default()),
    );
}

#[on_message_deleted]
async fn deleted(message: DeletedMessage, heard: State<Heard>) {
    note(&heard, format!("deleted {}", message.mid));
}

#[on_message_edit]
async fn edited(content: Content, heard: State<Heard>) -> &'static str {
    note(
        &heard,
        format!("edited {} {}", content["mid"], content["text"]),
    );
    "Noted."
}

#[on_standby]
async fn overheard(heard: State<Heard>) {
    note(&heard, "standby");
}

fn said_by_account(mut content: Value) -> Value {
    content["is_echo"] = true.into();
    let mut echo = item("message", content);
    let (sender, recipient) = (echo["sender"].take(), echo["recipient"].take());
    (echo["sender"], echo["recipient"]) = (recipient, sender);
    echo
}

/// Posts items of the Page's Instagram account, or of the Page.
async fn deliver(watched: &Watched, object: &str, items: &[Value]) {
    let body =
        json!({ "object": object, "entry": [{ "id": PAGE, "time": 1, "messaging": items }] });
    assert_eq!(watched.bot.platform.post_bytes(body.to_string()).await, 200);
}

async fn start(routes: Routes<Notes>) -> (Watched, Notes) {
    let notes = Notes::default();
    let bot = Bot::with_state(notes.clone(), routes);
    (Watched::start_with(bot).await, notes)
}

mod deletions {
    use super::*;

    fn routes() -> Routes<Notes> {
        routes![overheard, said, echoed, deleted]
    }

    fn deletion(mid: &str) -> Value {
        item("message", json!({ "mid": mid, "is_deleted": true }))
    }

    #[tokio::test]
    async fn a_deletion_is_a_separate_event() {
        for object in ["instagram", "page"] {
            let (watched, notes) = start(routes()).await;
            deliver(
                &watched,
                object,
                &[item("message", json!({ "mid": "m1", "text": "hello" }))],
            )
            .await;
            deliver(&watched, object, &[deletion("m1")]).await;
            // Delivered twice, and once more on the other channel.
            deliver(&watched, object, &[deletion("m1")]).await;
            watched
                .bot
                .platform
                .deliver_on_standby([deletion("m1")])
                .await;
            watched.settled().await;
            assert_eq!(notes.all(), ["said hello", "deleted m1"], "{object}");
        }
    }

    #[tokio::test]
    async fn echoes_unknown_messages_and_several_in_one_body() {
        let (watched, notes) = start(routes()).await;
        let items = [
            item("message", json!({ "mid": "m1", "text": "one" })),
            deletion("never seen"),
            said_by_account(json!({ "mid": "e1", "is_deleted": true })),
            said_by_account(json!({ "mid": "e2", "app_id": APP, "is_deleted": true })),
            said_by_account(json!({ "mid": "e3", "app_id": PAGE_INBOX, "is_deleted": true })),
            deletion("m1"),
            item("message", json!({ "mid": "m2", "text": "two" })),
            item("message", json!({ "is_deleted": true })),
        ];
        deliver(&watched, "instagram", &items).await;
        watched.settled().await;
        let expected = [
            "said one",
            "deleted never seen",
            "deleted e1",
            "deleted e2",
            "deleted e3",
            "deleted m1",
            "said two",
        ];
        assert_eq!(notes.all(), expected);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn what_was_deleted_is_not_in_the_history_and_what_was_edited_is_new() {
        #[on_message(text = "agent")]
        #[handoff(to = "page_inbox")]
        async fn agent() {}

        #[on_pass_thread_control]
        async fn back(handback: Handback) -> String {
            let lines = handback.history.iter().map(|turn| turn.text.as_str());
            Vec::from_iter(lines).join(", ")
        }

        let (watched, _) = start(routes![agent, back, deleted, edited]).await;
        watched.bot.platform.says("agent").await;
        watched.settled().await;
        let items = [
            item("message", json!({ "mid": "m1", "text": "my secret" })),
            item("message", json!({ "mid": "m2", "text": "my oder" })),
            said_by_account(json!({ "mid": "e1", "app_id": PAGE_INBOX, "text": "wrong person" })),
            said_by_account(
                json!({ "mid": "e2", "app_id": PAGE_INBOX, "text": "Hello, Ben here." }),
            ),
        ];
        watched.bot.platform.deliver_on_standby(items).await;
        let items = [
            deletion("m1"),
            said_by_account(json!({ "mid": "e1", "is_deleted": true })),
            item(
                "message_edit",
                json!({ "mid": "m2", "text": "my order", "num_edit": 1 }),
            ),
        ];
        watched.bot.platform.deliver_on_standby(items).await;
        watched.settled().await;
        let thread = watched.thread().await;
        assert_eq!(thread.history().count(), 2, "{thread:?}");
        watched.bot.platform.passes_back(None).await;
        watched.settled().await;
        let called = watched.called();
        assert_eq!(called.last().unwrap(), "my order, Hello, Ben here.");
    }

    #[tokio::test]
    async fn a_deletion_does_not_open_the_window() {
        let (watched, _) = start(routes()).await;
        deliver(&watched, "page", &[deletion("m1")]).await;
        watched.settled().await;
        assert_eq!(watched.thread().await.person_wrote_at, None);
    }

    #[tokio::test]
    async fn a_file_forgets_what_was_deleted() {
        let directory = Directory::new();
        let path = directory.path().join("handover.db");
        let journal = Journal::open(&path).unwrap();
        #[on_message(text = "fails")]
        async fn fails() -> Result<(), &'static str> {
            Err("it always does")
        }
        let notes = Notes::default();
        let bot = Bot::with_state(notes.clone(), routes![fails, said, echoed, deleted]);
        let bot = RunningBot::start_with(bot.retries(0).journal(journal.clone())).await;
        let items = [
            item("message", json!({ "mid": "m1", "text": "my secret" })),
            item("message", json!({ "mid": "m2", "text": "fails" })),
            item(
                "message_edit",
                json!({ "mid": "m1", "text": "my secret, new", "num_edit": 1 }),
            ),
            item("message", json!({ "mid": "m3", "text": "kept" })),
            deletion("m1"),
            deletion("m2"),
        ];
        bot.platform.deliver(items).await;
        crate::support::wait::until("everything is handled", async || {
            let backlog = journal.backlog().await.unwrap();
            let handled = notes.all();
            let is_done = backlog.events == 0 && handled.len() == 4;
            is_done
                .then_some(())
                .ok_or(format!("{backlog:?} {handled:?}"))
        })
        .await;
        let file = rusqlite::Connection::open(&path).unwrap();
        let texts = |table: &str| -> String {
            let sql = format!("SELECT coalesce(group_concat(content), '') FROM {table}");
            file.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert!(texts("event").contains("kept"));
        assert!(!texts("event").contains("secret"), "{}", texts("event"));
        assert!(texts("dead_letter").contains("m2"));
        assert!(
            !texts("dead_letter").contains("fails"),
            "{}",
            texts("dead_letter")
        );
    }
}

mod empty_edits {
    use super::*;

    fn empty_edit(mid: &str) -> Value {
        item("message_edit", json!({ "mid": mid, "num_edit": 0 }))
    }

    fn without_parties(mid: &str) -> Value {
        json!({ "timestamp": 1, "message_edit": { "mid": mid, "num_edit": 0 } })
    }

    #[tokio::test]
    async fn an_edit_that_edits_nothing_is_none() {
        let logs = Logs::capture();
        let (watched, notes) = start(routes![edited, said]).await;
        for mid in ["m1", "m2", "m3"] {
            let items = [
                empty_edit(mid),
                item("message", json!({ "mid": mid, "text": mid })),
                without_parties(mid),
            ];
            deliver(&watched, "instagram", &items).await;
            deliver(&watched, "instagram", &[without_parties(mid)]).await;
        }
        watched.settled().await;
        assert_eq!(notes.all(), ["said m1", "said m2", "said m3"]);
        assert!(watched.dead_letters().await.is_empty());
        assert_eq!(logs.with(&["num_edit"]), [""; 0]);
    }

    #[tokio::test]
    async fn where_nothing_else_comes_there_is_one_warning_for_each_account() {
        #[on_event]
        async fn anything(heard: State<Heard>) {
            note(&heard, "anything");
        }

        let logs = Logs::capture();
        let (watched, notes) = start(routes![edited, said, anything]).await;
        for mid in ["m1", "m2", "m3", "m4"] {
            deliver(&watched, "instagram", &[without_parties(mid)]).await;
            deliver(&watched, "instagram", &[empty_edit(mid)]).await;
        }
        watched.settled().await;
        let warnings = logs.with(&["WARN", PAGE, "num_edit", "development mode"]);
        assert_eq!(warnings.len(), 1, "{:?}", logs.all());
        assert_eq!(notes.all(), [""; 0]);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn each_edit_runs_once() {
        let (watched, notes) = start(routes![edited, said]).await;
        let edit = |number: u32, text: &str| {
            item(
                "message_edit",
                json!({ "mid": "m1", "text": text, "num_edit": number }),
            )
        };
        deliver(
            &watched,
            "page",
            &[edit(1, "a"), edit(1, "a"), edit(2, "a")],
        )
        .await;
        watched.settled().await;
        assert_eq!(notes.all(), ["edited \"m1\" \"a\"", "edited \"m1\" \"a\""]);
        assert_eq!(watched.called(), ["Noted.", "Noted."]);
    }

    #[tokio::test]
    async fn an_edit_that_names_nobody_keeps_nobody_waiting() {
        #[on_event(name = "comments")]
        async fn comment(heard: State<Heard>) {
            note(&heard, "comment");
        }

        let (watched, notes) = start(routes![edited, comment]).await;
        let edit = json!({ "message_edit": { "mid": "m1", "text": "a", "num_edit": 1 } });
        deliver(&watched, "instagram", &[edit]).await;
        let body = json!({ "object": "instagram", "entry": [{ "id": PAGE, "changes": [
            { "field": "comments", "value": { "id": "C", "text": "hi", "from": { "id": "U" } } }] }] });
        assert_eq!(watched.bot.platform.post_bytes(body.to_string()).await, 200);
        watched.settled().await;
        assert_eq!(notes.all(), ["comment"]);
        assert!(watched.dead_letters().await.is_empty());
    }
}

mod comments {
    use super::*;

    #[on_event(name = "feed")]
    async fn in_public(Content(feed): Content<Feed>) -> Option<Message> {
        let (Some("comment"), Some("add" | "edited")) =
            (feed.item.as_deref(), feed.verb.as_deref())
        else {
            return None;
        };
        Some(Message::text("Can we help you here?").to_comment(feed.comment_id?))
    }

    #[on_event(name = ["comments", "live_comments"])]
    async fn on_instagram(Content(comment): Content<InstagramComment>) -> Option<Message> {
        Some(Message::text("Can we help you here?").to_comment(comment.id?))
    }

    async fn tell(watched: &Watched, object: &str, field: &str, value: Value) {
        let body = json!({ "object": object, "entry": [{ "id": PAGE, "time": fresh(), "changes": [
            { "field": field, "value": value }] }] });
        assert_eq!(watched.bot.platform.post_bytes(body.to_string()).await, 200);
    }

    #[tokio::test]
    async fn one_reply_for_each_comment() {
        let watched = Watched::start(routes![in_public, on_instagram]).await;
        let mut comment = json!({ "id": "C1", "text": "hi", "from": { "id": "U", "username": "u" },
            "media": { "id": "M", "media_product_type": "FEED" } });
        tell(&watched, "instagram", "comments", comment.clone()).await;
        comment["media"] =
            json!({ "id": "M2", "media_product_type": "AD", "ad_id": "7", "ad_title": "Sale" });
        tell(&watched, "instagram", "comments", comment.clone()).await;
        comment["id"] = "C2".into();
        tell(&watched, "instagram", "comments", comment).await;
        let mut comment = json!({ "item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "1_1",
            "from": { "id": "9", "name": "N" }, "message": "hi", "created_time": 1 });
        tell(&watched, "page", "feed", comment.clone()).await;
        comment["ad_id"] = "7".into();
        tell(&watched, "page", "feed", comment.clone()).await;
        comment["verb"] = "edited".into();
        tell(&watched, "page", "feed", comment).await;
        watched.settled().await;
        let calls = watched.bot.graph.calls();
        let to: Vec<_> = calls
            .iter()
            .map(|call| &call.body["recipient"]["comment_id"])
            .collect();
        assert_eq!(to, ["C1", "C2", "1_2", "1_2"]);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn what_the_account_wrote_itself_is_not_answered() {
        let watched = Watched::start(routes![in_public, on_instagram]).await;
        let own =
            json!({ "id": "C1", "text": "Thanks!", "from": { "id": PAGE, "username": "shop" } });
        tell(&watched, "instagram", "comments", own).await;
        let own = json!({ "item": "comment", "verb": "add", "comment_id": "1_2", "post_id": "1_1",
            "parent_id": "1_1", "from": { "id": PAGE, "name": "Shop" }, "message": "Thanks!" });
        tell(&watched, "page", "feed", own).await;
        watched.settled().await;
        assert_eq!(watched.called(), [""; 0]);
        assert!(watched.dead_letters().await.is_empty());
    }

    #[tokio::test]
    async fn an_answer_to_nobody_is_given_up_at_once() {
        #[on_event(name = "feed")]
        async fn plain() -> &'static str {
            "Thank you!"
        }

        let watched = Watched::start_with(Bot::new(routes![plain])).await;
        tell(
            &watched,
            "page",
            "feed",
            json!({ "item": "comment", "verb": "add", "comment_id": "1" }),
        )
        .await;
        tell(
            &watched,
            "page",
            "feed",
            json!({ "item": "comment", "verb": "add", "comment_id": "2" }),
        )
        .await;
        watched.settled().await;
        let dead = watched.dead_letters().await;
        assert_eq!(dead.len(), 2);
        assert!(
            dead[0].cause.contains("Message::to_comment"),
            "{}",
            dead[0].cause
        );
    }
}

mod bodies {
    use super::*;

    /// A thousand pictures with addresses as long as those of Meta's CDN.
    fn thousand_pictures() -> String {
        let picture = |n: usize| {
            let url = format!("https://scontent.xx.fbcdn.net/{n}/{}", "x".repeat(900));
            item(
                "message",
                json!({ "mid": format!("m_{n}_{}", fresh()),
                "attachments": [{ "type": "image", "payload": { "url": url } }] }),
            )
        };
        let items: Vec<_> = (0..1000).map(picture).collect();
        json!({ "object": "page", "entry": [{ "id": PAGE, "time": 1, "messaging": items }] })
            .to_string()
    }

    #[tokio::test]
    async fn a_thousand_pictures_in_one_body_are_accepted() {
        #[on_message]
        async fn picture(_pictures: Attachments, heard: State<Heard>) {
            note(&heard, "picture");
        }

        let (watched, notes) = start(routes![picture]).await;
        let body = thousand_pictures();
        assert!(body.len() > 1_100_000);
        assert_eq!(watched.bot.platform.post_bytes(body).await, 200);
        watched.settled().await;
        assert_eq!(notes.all().len(), 1000);
    }

    #[tokio::test]
    async fn the_limit_can_be_set_and_what_is_beyond_is_refused_with_one_line() {
        let logs = Logs::capture();
        let graph = GraphStub::start().await;
        let bot = Bot::new(Routes::default()).config(config(&graph).body_limit(2000));
        let bot = RunningBot::serve(bot, graph).await;
        assert_eq!(bot.platform.post_bytes(vec![b' '; 2001]).await, 413);
        assert_eq!(
            bot.platform.post_bytes(vec![b'x'; 9 * 1024 * 1024]).await,
            413
        );
        assert_eq!(logs.with(&["WARN", "HANDOVER_BODY_LIMIT"]).len(), 2);
        bot.platform
            .deliver([message(PERSON, "short enough")])
            .await;
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_not_read_beyond_the_limit() {
        let (watched, _) = start(routes![said]).await;
        let chunks = (0..20).map(|_| vec![b'x'; 1024 * 1024]);
        let body = http::Body::chunks(chunks);
        let request = http::Client::new().post(&watched.bot.webhook).body(body);
        // The bot answers and closes while the rest is still to be sent.
        match request.send().await {
            Ok(answer) => assert_eq!(answer.status(), 413),
            Err(error) => assert!(error.is_request(), "{error}"),
        }
    }
}

mod secrets {
    use super::*;

    fn signed_with(secret: &str, body: &str) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        format!(
            "sha256={}",
            hex::encode(mac.chain_update(body).finalize().into_bytes())
        )
    }

    async fn start(config: impl FnOnce(Config) -> Config) -> RunningBot {
        #[on_message]
        async fn echo(text: Text) -> String {
            text.0
        }
        let graph = GraphStub::start().await;
        let bot = Bot::new(routes![echo]).config(config(self::config(&graph)));
        RunningBot::serve(bot, graph).await
    }

    async fn post(bot: &RunningBot, secret: &str, text: &str) -> u16 {
        let items = [message(PERSON, text)];
        let body =
            json!({ "object": "page", "entry": [{ "id": PAGE, "messaging": items }] }).to_string();
        let signature = signed_with(secret, &body);
        bot.platform
            .post_signed(body.into_bytes(), Some(&signature))
            .await
    }

    #[tokio::test]
    async fn any_of_several_secrets_is_right() {
        let logs = Logs::capture();
        let bot =
            start(|config| config.app_secrets(["the new one", "of the Instagram app", ""])).await;
        assert_eq!(post(&bot, "the new one", "one").await, 200);
        assert_eq!(post(&bot, "of the Instagram app", "two").await, 200);
        assert_eq!(post(&bot, "of somebody else", "three").await, 403);
        assert_eq!(post(&bot, "", "four").await, 403);
        bot.graph.wait_for_calls(2).await;
        assert_eq!(bot.graph.texts(), ["one", "two"]);
        assert_eq!(logs.with(&["MESSENGER_APP_SECRET"]).len(), 2);
        let logged = logs.all().concat();
        assert!(
            !logged.contains("the new one") && !logged.contains("Instagram app"),
            "{logged}"
        );
    }

    #[tokio::test]
    async fn calls_are_signed_with_the_first() {
        let bot = start(|config| {
            config
                .appsecret_proof(true)
                .app_secrets(["first", "second"])
        })
        .await;
        assert_eq!(post(&bot, "second", "hello").await, 200);
        bot.graph.wait_for_calls(1).await;
        let token = crate::support::platform::ACCESS_TOKEN;
        let proof = &signed_with("first", token)["sha256=".len()..];
        for request in bot.graph.take_requests() {
            let uri = request.uri.to_string();
            assert!(uri.contains(&format!("appsecret_proof={proof}")), "{uri}");
        }
    }
}
