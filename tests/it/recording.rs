//! What a bot records: nothing personal and no secret, and enough to compare it with the simulator.

use std::path::Path;

use handover::prelude::*;
use handover::{Config, Store};
use handover_sim::check::{CheckOptions, CheckReport, check};
use handover_sim::platform::Behavior;
use handover_sim::{SimulatedApp, Simulator};
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::platform::{ACCESS_TOKEN, APP, PAGE, PERSON, SECRET, item, message};
use crate::support::wait::until;

/// What must not be found in a recording: each is somewhere in a webhook, a call or an answer.
const CANARIES: [&str; 24] = [
    "Zerlina",
    "Quastenberg",
    "zerlina@quastenberg.example",
    "+4915790012345",
    "4915790012345",
    "zerlina.q_1985",
    "Lindenallee",
    "scontent.example",
    "photo-of-zerlina",
    "spring-zerlina",
    "quastenberg-shop.example",
    "52.5170365",
    "13.3888599",
    "CARD4711",
    "order-0815-zerlina",
    "TOKEN-of-zerlina",
    "geheimnis",
    PERSON,
    PAGE,
    SECRET,
    ACCESS_TOKEN,
    "1517776481860111",
    "de_AT",
    "female",
];

#[on_message]
async fn reply(graph: Graph, sender: Sender) -> Message {
    // The answer has a name, an address of a picture and more.
    let _ = graph.user_profile(&sender.0).await;
    Message::text("Dear Zerlina Quastenberg, Lindenallee 3")
        .quick_reply("Zerlina's order", "order-0815-zerlina")
}

#[on_postback]
async fn tapped() -> &'static str {
    "geheimnis"
}

async fn text_of(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.lines() {
        let _: Value = serde_json::from_str(line).unwrap();
    }
    text
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_recorded() {
    let folder = Directory::new();
    let file = folder.path().join("talk.jsonl");
    let graph = GraphStub::start().await;
    let bot = Bot::new(routes![reply, tapped]).config(config(&graph).record(&file));
    let bot = RunningBot::serve(bot, graph).await;
    // What the settings are answered.
    until("the settings are read", async || {
        let calls = bot.graph.calls();
        let last = calls
            .iter()
            .any(|call| call.path.contains("/subscriptions"));
        last.then_some(()).ok_or_else(|| format!("{calls:#?}"))
    })
    .await;
    bot.graph.next_answer(
        200,
        json!({
            "first_name": "Zerlina", "last_name": "Quastenberg", "locale": "de_AT", "gender": "female",
            "profile_pic": "https://scontent.example/photo-of-zerlina.jpg", "timezone": 13.3888599,
            "username": "zerlina.q_1985", "id": PERSON,
        }),
    );
    let mut first = message(PERSON, "I am Zerlina Quastenberg, call +4915790012345");
    first["message"]["attachments"] = json!([
        {"type": "image", "payload": {"url": "https://scontent.example/photo-of-zerlina.jpg?oh=TOKEN-of-zerlina"}},
        {"type": "location", "title": "Lindenallee", "payload": {"coordinates": {"lat": 52.5170365, "long": 13.3888599}}},
    ]);
    first["message"]["referral"] = json!({
        "ref": "spring-zerlina", "source": "SHORTLINK", "type": "OPEN_THREAD",
        "referer_uri": "https://quastenberg-shop.example/zerlina",
    });
    first["message"]["nlp"] =
        json!({"entities": {"Quastenberg": [{"value": "zerlina@quastenberg.example"}]}});
    bot.platform.deliver([first]).await;
    bot.graph.wait_for_calls(6).await;
    bot.graph.next_answer(
        400,
        json!({"error": {
            "message": format!("(#100) No user {PERSON} with token {ACCESS_TOKEN}: Zerlina"),
            "error_user_msg": "zerlina@quastenberg.example", "type": "OAuthException", "code": 100,
            "error_subcode": 2_018_001, "fbtrace_id": "CARD4711",
            "error_data": {"account": PAGE, "4915790012345": "Quastenberg"},
        }}),
    );
    let tap = json!({"title": "Zerlina's order", "payload": "order-0815-zerlina", "mid": "m_7"});
    bot.platform.deliver([item("postback", tap)]).await;
    let other = json!({
        "shipping_address": {"street_1": "Lindenallee 3", "country": "CARD4711"},
        "contact_phone": "+4915790012345", "phone": 4_915_790_012_345_u64,
        "username": "zerlina.q_1985", "source": "zerlina@quastenberg.example",
    });
    bot.platform.deliver([item("payment", other)]).await;
    bot.platform
        .deliver_on_standby([item(
            "optin",
            json!({"user_ref": "zerlina.q_1985", "ref": "spring-zerlina"}),
        )])
        .await;
    until("all calls are made", async || {
        let calls = bot.graph.calls();
        let sent = calls
            .iter()
            .filter(|call| call.name() == "messages")
            .count();
        (sent >= 2)
            .then_some(())
            .ok_or_else(|| format!("{calls:#?}"))
    })
    .await;
    bot.handle.stop().await;

    let text = text_of(&file).await;
    let lower = text.to_lowercase();
    for canary in CANARIES {
        assert!(
            !lower.contains(&canary.to_lowercase()),
            "{canary} is recorded:\n{text}"
        );
    }
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let find = |path: &str, what: &str| {
        let found = lines
            .iter()
            .find(|line| line["type"] == what && line.pointer(path).is_some());
        found.unwrap_or_else(|| panic!("a {what} with {path} in\n{text}"))
    };
    // The same thing is the same everywhere, and looks alike.
    let first = find("/body/entry/0/messaging/0/message/nlp", "webhook");
    let person = &first["body"]["entry"][0]["messaging"][0]["sender"]["id"];
    let page = &first["body"]["entry"][0]["id"];
    assert_eq!(person.as_str().unwrap().len(), PERSON.len());
    let sent = find("/body/message/quick_replies", "call");
    assert_eq!(&sent["body"]["recipient"]["id"], person);
    assert_eq!(
        sent["path"],
        format!("/{}/messages", page.as_str().unwrap())
    );
    assert_eq!(&sent["account"], page);
    let offered = &sent["body"]["message"]["quick_replies"][0];
    let tap =
        &find("/body/entry/0/messaging/0/postback", "webhook")["body"]["entry"][0]["messaging"][0];
    assert_eq!(
        (&offered["title"], &offered["payload"]),
        (&tap["postback"]["title"], &tap["postback"]["payload"])
    );
    let texts = &sent["body"]["message"]["text"];
    assert_eq!(
        texts.as_str().unwrap().len(),
        "Dear Zerlina Quastenberg, Lindenallee 3".len()
    );
    let refused = find("/answer/error", "call");
    assert_eq!(
        (&refused["status"], &refused["answer"]["error"]["code"]),
        (&json!(400), &json!(100))
    );
    assert_eq!(refused["answer"]["error"]["error_subcode"], 2_018_001);
    assert_eq!(
        (
            &lines[0]["handover_recording"],
            &lines.last().unwrap()["type"]
        ),
        (&json!(1), &json!("end"))
    );
    assert_eq!(
        lines[0]["app"].as_str().unwrap().len(),
        APP.to_string().len()
    );

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    // Another recording has other pseudonyms, in a file beside the first.
    let graph = GraphStub::start().await;
    let bot = Bot::new(routes![reply]).config(config(&graph).record(&file));
    let bot = RunningBot::serve(bot, graph).await;
    bot.platform.says("hello").await;
    bot.handle.stop().await;
    let second = text_of(&folder.path().join("talk-2.jsonl")).await;
    assert_eq!(text_of(&file).await, text, "the first is kept");
    assert!(!second.contains(person.as_str().unwrap()), "{second}");
}

#[tokio::test]
async fn a_bot_with_the_simulator_records_too() {
    let folder = Directory::new();
    let file = folder.path().join("talk.jsonl");
    let record = ("HANDOVER_RECORD", file.to_str().unwrap().to_owned());
    let mut bot = Example::start("live_chat", &[record]);
    let page = bot.page();
    let client = http::Client::new();
    let persons = client.post(format!("{page}control/persons"));
    let ana: Value = persons
        .json(&json!({"name": "Ana"}))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let said = client
        .post(format!("{page}control/actions/say"))
        .json(&json!({"person": ana["person"], "text": "agent"}));
    assert_eq!(said.send().await.unwrap().status(), 200);
    until("the handoff is recorded", async || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let is_whole = text.contains("pass_thread_control") && text.contains("\"messages\"");
        is_whole.then_some(()).ok_or(text)
    })
    .await;
}

#[tokio::test]
async fn a_recording_that_cannot_begin_is_an_error_that_names_it() {
    let graph = GraphStub::start().await;
    let config = config(&graph).record("/no-such-folder/talk.jsonl");
    let refused = Bot::new(routes![reply]).config(config).into_parts();
    let error = refused.err().unwrap().to_string();
    assert!(
        error.contains("/no-such-folder/talk.jsonl") && error.contains("HANDOVER_RECORD"),
        "{error}"
    );
}

#[on_message(words = ["agent"])]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment"
}

#[on_message]
async fn answer(text: Text) -> String {
    format!("You said {}", text.0)
}

#[on_pass_thread_control]
async fn back() -> &'static str {
    "I am back"
}

/// A talk of a real bot, recorded and compared.
async fn recorded(behavior: Behavior) -> CheckReport {
    let folder = Directory::new();
    let file = folder.path().join("talk.jsonl");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook = format!("http://{}/webhook", listener.local_addr().unwrap());
    let app = SimulatedApp::new(APP.to_string(), "Bot")
        .secret(SECRET)
        .token(ACCESS_TOKEN)
        .webhook(webhook);
    let sim = Simulator::builder().app(app).start().await.unwrap();
    let client = http::Client::new();
    let set = client.put(format!("{}control/behavior", sim.page_url()));
    let set = set
        .json(&serde_json::to_value(behavior).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(set.status(), 200);
    let config = Config::new(PAGE, APP.to_string())
        .access_token(ACCESS_TOKEN)
        .app_secret(SECRET)
        .verify_token("verify")
        .graph_url(sim.graph_url().parse().unwrap())
        .store(Store::Memory)
        .record(&file);
    let (public, bot) = Bot::new(routes![to_agent, answer, back])
        .config(config)
        .into_parts()
        .unwrap();
    tokio::spawn(async move { axum::serve(listener, public).await });

    let ana = sim.person("Ana");
    let sees = async |text: &str| {
        let is_last = || {
            ana.messages()
                .last()
                .and_then(|last| last.text.clone())
                .as_deref()
                == Some(text)
        };
        sim.wait_until(&format!("Ana sees {text:?}"), is_last)
            .await
            .unwrap();
    };
    ana.says("hello").await.unwrap();
    sees("You said hello").await;
    ana.says("an agent").await.unwrap();
    let inbox = handover::protocol::AppId::PAGE_INBOX;
    let is_owner = || sim.owner_of(&ana) == Some(inbox.clone());
    sim.wait_until("the inbox owns the thread", is_owner)
        .await
        .unwrap();
    let agent = sim.inbox();
    ana.says("a question").await.unwrap();
    agent.reply(&ana, "an answer").await.unwrap();
    agent.done(&ana).await.unwrap();
    sees("I am back").await;
    ana.says("hello again").await.unwrap();
    sees("You said hello again").await;
    agent.take(&ana).await.unwrap();
    agent.reply(&ana, "one thing more").await.unwrap();
    ana.says("yes?").await.unwrap();
    sim.wait_until("every webhook is delivered", || !sim.progress().1)
        .await
        .unwrap();
    bot.stop().await;
    let file = std::fs::File::open(file).unwrap();
    check(std::io::BufReader::new(file), &CheckOptions::default()).unwrap()
}

#[tokio::test]
async fn a_talk_with_the_simulator_agrees_with_its_rules() {
    let report = recorded(Behavior::default()).await;
    assert!(report.agrees(), "{report}");
    assert!(report.items > 10 && report.calls > 6, "{report}");
    assert!(
        report.assumed.is_empty(),
        "the recording has the settings: {report}"
    );
}

#[tokio::test]
async fn a_talk_with_another_choice_is_found_out() {
    for (setting, value) in [
        ("app_ids", "strings"),
        ("no_metadata", "null"),
        ("messenger_delivery", "messaging"),
        ("take_notifies", "all_subscribed"),
    ] {
        let mut behavior = serde_json::to_value(Behavior::default()).unwrap();
        behavior[setting] = value.into();
        let report = recorded(serde_json::from_value(behavior).unwrap()).await;
        if setting == "take_notifies" {
            // The bot was the previous owner, which gets the event in any case.
            assert!(report.agrees(), "{report}");
            continue;
        }
        assert!(!report.agrees(), "{setting} is not found");
        for difference in &report.differences {
            let choice = difference
                .explained_by
                .as_ref()
                .map(|it| (&*it.setting, it.value.as_str()));
            assert_eq!(choice, Some((setting, Some(value))), "{difference}");
        }
    }
}
