//! The real program and its journal: stopped, killed, and without room on the disk.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, Platform, SECRET, VERIFY_TOKEN, message};
use crate::support::wait::until;
use handover_testkit::graph::GraphStub;

/// A place for a bot to start in, again and again.
struct Place {
    directory: Arc<Directory>,
    graph: GraphStub,
}

impl Place {
    async fn new() -> Self {
        Self {
            directory: Arc::new(Directory::new()),
            graph: GraphStub::start().await,
        }
    }

    fn environment(&self, graph_url: String) -> Vec<(&'static str, String)> {
        vec![
            ("MESSENGER_PAGE_ID", PAGE.to_owned()),
            ("MESSENGER_ACCESS_TOKEN", ACCESS_TOKEN.to_owned()),
            ("MESSENGER_APP_ID", APP.to_string()),
            ("MESSENGER_APP_SECRET", SECRET.to_owned()),
            ("MESSENGER_VERIFY_TOKEN", VERIFY_TOKEN.to_owned()),
            ("GRAPH_API_URL", graph_url),
            ("PORT", "0".to_owned()),
        ]
    }

    fn start(&self) -> (Example, Platform) {
        self.start_with(self.graph.url())
    }

    fn start_with(&self, graph_url: String) -> (Example, Platform) {
        let environment = self.environment(graph_url);
        let mut bot = Example::start_in(&self.directory, "live_chat", &environment);
        let platform = Platform::new(bot.webhook());
        (bot, platform)
    }

    fn names(&self) -> Vec<String> {
        let calls = self.graph.calls();
        let names = calls.iter().map(|call| call.text().unwrap_or(call.name()));
        names.map(str::to_owned).collect()
    }
}

/// Nobody listens there.
fn nowhere() -> String {
    "http://127.0.0.1:9".to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_bot_finishes_the_handoff_it_began() {
    let place = Place::new().await;
    let (bot, platform) = place.start();
    place.graph.hold();
    platform.says("agent").await;
    place.graph.wait_for_calls(1).await;
    bot.ask_to_stop();
    place.graph.let_go();
    assert!(bot.ended().success());
    assert_eq!(
        place.names(),
        [
            "One moment, a colleague is taking over.",
            "pass_thread_control"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_is_sent_after_the_next_start() {
    let place = Place::new().await;
    let (mut bot, platform) = place.start_with(nowhere());
    platform.says("hello").await;
    bot.logs("is tried again");
    assert!(bot.stop().success());
    let (bot, _) = place.start();
    place.graph.wait_for_calls(1).await;
    assert!(bot.stop().success());
    assert_eq!(place.names(), ["You said: hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_killed_loses_nothing() {
    let place = Place::new().await;
    let (bot, platform) = place.start_with(nowhere());
    for text in ["one", "two", "three"] {
        platform.says(text).await;
    }
    drop(bot);
    let (bot, _) = place.start();
    let deadline = Instant::now() + Duration::from_secs(60);
    while place.names().last().map(String::as_str) != Some("pass_thread_control") {
        assert!(Instant::now() < deadline, "{:?}", place.names());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(bot.stop().success());
    let names = place.names();
    let (earlier, last) = names.split_at(names.len() - 3);
    assert_eq!(last[0], "You said: two");
    // A call that was under way at the kill may have been delivered, for all the bot can know.
    assert!(
        earlier.is_empty() || earlier == ["You said: one"],
        "{names:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_bot_on_the_same_file_is_refused() {
    let place = Place::new().await;
    let (_bot, _) = place.start();
    let environment = place.environment(nowhere());
    let second = Example::run_in(place.directory.path(), "live_chat", &[], &environment);
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("in use by another process"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_on_the_disk_nothing_is_acknowledged_and_nothing_is_lost() {
    let place = Place::new().await;
    let environment = place.environment(nowhere());
    let mut bot = Example::start_on_a_full_disk(&place.directory, "live_chat", &environment, 2048);
    let platform = Platform::new(bot.webhook());
    let person = |number: usize| format!("{}", 1000 + number);
    let post = async |number: usize| {
        let text = format!("{number} {}", "x".repeat(1500));
        let entry =
            serde_json::json!({ "id": PAGE, "messaging": [message(&person(number), &text)] });
        let body = serde_json::json!({ "object": "page", "entry": [entry] });
        platform.post_bytes(body.to_string()).await
    };
    let mut acknowledged = 0;
    let refused = loop {
        match post(acknowledged).await {
            200 => acknowledged += 1,
            status => break status,
        }
        assert!(acknowledged < 5000, "the disk is never full");
    };
    assert_eq!(refused, 503, "the platform sends it again");
    bot.logs("the journal cannot be written");
    bot.may_write();
    until("there is room", async || match post(acknowledged).await {
        200 => Ok(()),
        status => Err(status.to_string()),
    })
    .await;
    acknowledged += 1;
    drop(bot);
    let database = place.directory.path().join("handover.db");
    let reader = rusqlite::Connection::open(database).unwrap();
    let count = "SELECT count(DISTINCT person) FROM event";
    let stored: usize = reader.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(stored, acknowledged);
}
