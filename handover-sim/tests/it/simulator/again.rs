//! What the timeline offers: once more, and as a command.

use std::process::Command;

use handover_sim::{SimulatedApp, Simulator, TimelineKind};
use handover_testkit::http;
use handover_testkit::http::{Client, Method};
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE};

async fn talk(bot: &Bot) -> Simulator {
    let sim = Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(
            SimulatedApp::new(BOT, "Bot")
                .token("a-token")
                .webhook(bot.webhook()),
        )
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("it's \"Käse\"").await.unwrap();
    let url = format!("{}/v26.0/me/messages", sim.graph_url());
    let body = json!({"recipient": {"id": ana.id()}, "message": {"text": "Ana's"}});
    let call = Client::new().post(url).bearer_auth("a-token").json(&body);
    assert_eq!(call.send().await.unwrap().status(), 200);
    let url = format!(
        "{}/v26.0/me/thread_owner?recipient={}",
        sim.graph_url(),
        ana.id()
    );
    let call = Client::new().get(url).bearer_auth("a-token");
    assert_eq!(call.send().await.unwrap().status(), 200);
    let arrived = || bot.webhooks().len() == 3;
    sim.wait_until("message, echo and delivery arrive", arrived)
        .await
        .unwrap();
    sim
}

async fn again(sim: &Simulator, id: u64) -> (u16, Value) {
    let url = format!("{}control/timeline/{id}/again", sim.page_url());
    let answer = Client::new()
        .post(url)
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn row(sim: &Simulator, kind: TimelineKind, title: &str) -> u64 {
    let rows = sim.timeline();
    let found = rows
        .iter()
        .find(|row| row.kind == kind && row.title == title);
    found.unwrap().id
}

#[tokio::test]
async fn a_webhook_is_redelivered_byte_for_byte() {
    let bot = Bot::start().await;
    let sim = talk(&bot).await;
    let message = row(&sim, TimelineKind::Webhook, "message");
    let (status, answer) = again(&sim, message).await;
    assert_eq!(status, 200);
    assert_ne!(answer["id"], json!(message));
    sim.wait_until("it comes again", || bot.webhooks().len() == 4)
        .await
        .unwrap();
    let webhooks = bot.webhooks();
    assert_eq!(webhooks[0].body, webhooks[3].body);
    let signature = "x-hub-signature-256";
    assert_eq!(
        webhooks[0].headers[signature],
        webhooks[3].headers[signature]
    );
    assert_eq!(again(&sim, 4711).await.0, 404);
}

#[tokio::test]
async fn a_call_is_made_again() {
    let bot = Bot::start().await;
    let sim = talk(&bot).await;
    let (status, answer) = again(&sim, row(&sim, TimelineKind::Call, "messages")).await;
    assert_eq!(status, 200);
    let ana = sim.person("Ana");
    let texts: Vec<_> = ana
        .messages()
        .into_iter()
        .filter_map(|one| one.text)
        .collect();
    assert_eq!(texts, ["it's \"Käse\"", "Ana's", "Ana's"]);
    let new = answer["id"].as_u64().unwrap();
    let rows = sim.timeline();
    let new = rows.iter().find(|row| row.id == new).unwrap();
    assert_eq!((new.title.as_str(), new.status), ("messages", Some(200)));
}

#[tokio::test]
async fn a_row_is_a_command() {
    let bot = Bot::start().await;
    let sim = talk(&bot).await;
    let run = async |id: u64| {
        let url = format!("{}control/timeline/{id}/curl", sim.page_url());
        let command = http::get(url).await.unwrap().text().await.unwrap();
        assert!(!command.contains("a-token"), "{command}");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{} -s", command.trim_end()));
        shell.env("ACCESS_TOKEN", "a-token");
        let output = tokio::task::spawn_blocking(move || shell.output()).await;
        let output = output.unwrap().unwrap();
        assert!(output.status.success(), "{command}\n{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let sent = run(row(&sim, TimelineKind::Call, "messages")).await;
    assert!(sent.contains("message_id"), "{sent}");
    assert_eq!(sim.person("Ana").messages().len(), 3);
    let owner = run(row(&sim, TimelineKind::Call, "thread_owner")).await;
    assert!(owner.contains(BOT.as_str()), "{owner}");
    sim.wait_until("the echo and its delivery arrive", || {
        bot.webhooks().len() == 5
    })
    .await
    .unwrap();
    let answer = run(row(&sim, TimelineKind::Webhook, "message")).await;
    assert_eq!(answer, "EVENT_RECEIVED");
    let webhooks = bot.webhooks();
    assert_eq!(webhooks[0].body, webhooks[5].body);
    let signature = "x-hub-signature-256";
    assert_eq!(
        webhooks[0].headers[signature],
        webhooks[5].headers[signature]
    );
}

#[tokio::test]
async fn no_method_is_read_by_the_shell() {
    let bot = Bot::start().await;
    let sim = talk(&bot).await;
    let method = "`echo`$HOME'";
    let odd = Method::from_bytes(method.as_bytes()).unwrap();
    let called = Client::new().request(odd, format!("{}/me", sim.graph_url()));
    assert_eq!(called.send().await.unwrap().status(), 400);
    let id = row(&sim, TimelineKind::Call, "me");
    let url = format!("{}control/timeline/{id}/curl", sim.page_url());
    let command = http::get(url).await.unwrap().text().await.unwrap();
    let shown = format!("curl() {{ printf '%s ' \"$@\"; }}; {command}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(shown).env("ACCESS_TOKEN", "a-token");
    let output = tokio::task::spawn_blocking(move || shell.output()).await;
    let output = String::from_utf8(output.unwrap().unwrap().stdout).unwrap();
    assert!(output.starts_with(&format!("-X {method} ")), "{output}");
}
