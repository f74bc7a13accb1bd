//! The library: starting, stopping, and playing person and agent from a test.

use std::time::Duration;

use handover_sim::platform::{ActionError, Folder};
use handover_sim::{SimulatedApp, Simulator, StartError};
use handover_testkit::http;
use serde_json::json;

use crate::support::rules::{BOT, INBOX, SHOP};

#[tokio::test]
async fn person_and_agent_talk() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    let inbox = sim.inbox();
    assert_eq!(sim.owner_of(&ana), None);
    assert!(
        inbox.threads(Folder::Done).is_empty(),
        "nothing was said yet"
    );

    ana.taps_get_started().await.unwrap();
    assert_eq!(sim.owner_of(&ana), Some(BOT));
    assert_eq!(inbox.threads(Folder::Done).len(), 1);
    inbox.request(&ana).await.unwrap();
    inbox.reply(&ana, "this is Ben").await.unwrap();
    assert_eq!(sim.owner_of(&ana), Some(INBOX));
    assert_eq!(inbox.threads(Folder::Main)[0].person, *ana.id());
    assert!(ana.reads().await.unwrap());
    inbox.done(&ana).await.unwrap();
    inbox.take(&ana).await.unwrap();
    let said: Vec<_> = ana
        .messages()
        .into_iter()
        .filter_map(|message| message.text)
        .collect();
    assert_eq!(said, ["Get Started", "this is Ben"]);
}

#[tokio::test]
async fn buttons_and_quick_replies_are_tapped_by_what_they_say() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot").token("token"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let send = async |message: serde_json::Value| {
        let url = format!("{}/me/messages", sim.graph_url());
        let body = json!({"recipient": {"id": ana.id()}, "message": message});
        let request = http::Client::new()
            .post(url)
            .bearer_auth("token")
            .json(&body);
        assert_eq!(request.send().await.unwrap().status(), 200);
    };
    let button = |title: &str| json!({"type": "postback", "title": title, "payload": "P"});
    send(
        json!({"attachment": {"type": "template", "payload": {"template_type": "button",
        "text": "Sure?", "buttons": [button("Yes"), button("No")]}}}),
    )
    .await;
    ana.taps_button("No").await.unwrap();
    let offered = vec!["Yes".to_owned(), "No".to_owned()];
    let title = "Maybe".to_owned();
    assert_eq!(
        ana.taps_button("Maybe").await,
        Err(ActionError::NoSuchButton { title, offered })
    );
    send(json!({"text": "Which?", "quick_replies":
        [{"content_type": "text", "title": "Red", "payload": "RED"}]}))
    .await;
    ana.taps_quick_reply("Red").await.unwrap();
    let said: Vec<_> = ana
        .messages()
        .into_iter()
        .filter_map(|message| message.text)
        .collect();
    assert_eq!(said, ["hello", "No", "Which?", "Red"]);
}

#[tokio::test]
async fn a_button_is_tapped_in_a_message_that_was_not_unsent() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot").token("token"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let buttons = json!([{"type": "postback", "title": "Yes", "payload": "P"}]);
    let body = json!({"recipient": {"id": ana.id()}, "message": {"attachment": {"type": "template",
        "payload": {"template_type": "button", "text": "Sure?", "buttons": buttons}}}});
    for _ in 0..2 {
        let url = format!("{}/me/messages", sim.graph_url());
        let call = http::Client::new().post(url).bearer_auth("token");
        assert_eq!(call.json(&body).send().await.unwrap().status(), 200);
    }
    let delete = async |index: usize| {
        let mid = &ana.messages()[index].mid;
        let url = format!("{}control/actions/inbox_delete", sim.page_url());
        let body = json!({"person": ana.id(), "mid": mid});
        let done = http::Client::new().post(url).json(&body).send().await;
        assert_eq!(done.unwrap().status(), 200);
    };
    delete(2).await;
    ana.taps_button("Yes").await.unwrap();
    delete(1).await;
    let (title, offered) = ("Yes".to_owned(), Vec::new());
    assert_eq!(
        ana.taps_button("Yes").await,
        Err(ActionError::NoSuchButton { title, offered })
    );
}

#[tokio::test]
async fn a_name_is_a_person() {
    let sim = Simulator::builder().start().await.unwrap();
    let (ana, ben) = (sim.person("Ana"), sim.person("Ben"));
    assert_eq!(sim.person("Ana").id(), ana.id());
    assert_ne!(ana.id(), ben.id());
    assert_eq!(ben.name(), "Ben");
}

#[tokio::test]
async fn ids_differ_from_run_to_run() {
    let (one, other) = (
        Simulator::builder().start().await,
        Simulator::builder().start().await,
    );
    let (one, other) = (one.unwrap().person("Ana"), other.unwrap().person("Ana"));
    assert_ne!(one.id(), other.id());
}

#[tokio::test]
async fn waiting_in_vain_prints_the_timeline() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot").token("a-token"))
        .wait_timeout(Duration::from_millis(1))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    let in_vain = sim
        .wait_until("pigs fly", || false)
        .await
        .unwrap_err()
        .to_string();
    assert!(in_vain.starts_with("not within 1ms: pigs fly"), "{in_vain}");
    assert!(
        in_vain.ends_with("No webhook was sent and no call was made."),
        "{in_vain}"
    );

    let url = format!("{}/me/take_thread_control", sim.graph_url());
    let body = json!({"recipient": {"id": ana.id()}});
    let call = http::Client::new()
        .post(url)
        .bearer_auth("a-token")
        .json(&body);
    call.send().await.unwrap();
    let in_vain = sim.wait_until("pigs fly", || false).await.unwrap_err();
    let printed = format!("{in_vain:?}");
    assert!(
        printed.contains("call take_thread_control by 1517776481860111: 200"),
        "{printed}"
    );
    assert!(printed.contains(r#"← {"success":true}"#), "{printed}");
}

#[tokio::test]
async fn stopping_frees_the_address_even_while_the_page_is_open() {
    let sim = Simulator::builder().start().await.unwrap();
    let address = sim.address();
    let mut page = http::get(format!("{}control/events", sim.page_url()))
        .await
        .unwrap();
    assert!(page.chunk().await.unwrap().is_some());
    sim.stop().await;
    let end = loop {
        match page.chunk().await {
            Ok(Some(_)) => {}
            end => break end,
        }
    };
    assert!(matches!(end, Ok(None)), "the stream ends without an error");
    let again = Simulator::builder().address(address).start().await.unwrap();
    assert_eq!(again.address(), address);
}

#[tokio::test]
async fn what_cannot_work_is_refused_at_the_start() {
    let taken = Simulator::builder().start().await.unwrap();
    let bot = || SimulatedApp::new(BOT, "Bot");
    let shop = || SimulatedApp::new(SHOP, "Shop");
    let builder = Simulator::builder;
    for (setup, hint) in [
        (builder().address(taken.address()), "choose another port"),
        (builder().app(bot()).app(bot()), "connected twice"),
        (
            builder().app(SimulatedApp::new(INBOX, "Mine")),
            "connected twice",
        ),
        (
            builder().app(bot().token("t")).app(shop().token("t")),
            "same access token",
        ),
        (
            builder().app(bot().webhook("https://bot.example/webhook")),
            "must be an http://",
        ),
        (
            builder().app(bot().webhook("127.0.0.1:8080")),
            "must be an http://",
        ),
        (builder().app(bot()).default_app(SHOP), "not connected"),
    ] {
        let error: StartError = setup.start().await.err().expect(hint);
        assert!(error.to_string().contains(hint), "{error}");
    }
    let inbox_first = builder()
        .app(bot())
        .default_app(INBOX)
        .start()
        .await
        .unwrap();
    let ana = inbox_first.person("Ana");
    ana.says("hello").await.unwrap();
    assert_eq!(inbox_first.owner_of(&ana), Some(INBOX));
}

#[test]
fn secrets_are_not_printed() {
    let app = SimulatedApp::new(BOT, "Bot")
        .secret("hush")
        .token("pst")
        .verify_token("shh");
    let printed = format!("{app:?} {:?}", Simulator::builder().app(app.clone()));
    for secret in ["hush", "pst", "shh"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
