//! The desk's own API, which the page is built on, and the page's files.

use handover_sim::{SimulatedApp, Simulator};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::common::{BOT, INBOX, SHOP};

struct Desk {
    sim: Simulator,
    client: Client,
    /// Whom the page opens with.
    ana: String,
}

impl Desk {
    async fn start() -> Self {
        let sim = Simulator::builder()
            .app(SimulatedApp::new(BOT, "Bot").token("bot-token"))
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana").await.id().to_string();
        Self {
            sim,
            client: Client::new(),
            ana,
        }
    }

    async fn act(&self, act: &str, body: Value) -> Response {
        let url = format!("{}desk/{act}", self.sim.page_url());
        self.client.post(url).json(&body).send().await.unwrap()
    }

    async fn ana_does(&self, act: &str) -> Response {
        self.act(act, json!({ "person": self.ana })).await
    }

    async fn send(&self, message: Value) {
        let url = format!("{}/me/messages", self.sim.graph_url());
        let body = json!({"recipient": {"id": self.ana}, "message": message});
        let answer = self
            .client
            .post(url)
            .bearer_auth("bot-token")
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.unwrap().status(), 200);
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.sim.page_url());
        self.client.get(url).send().await.unwrap()
    }

    /// What the page is told now.
    async fn state(&self) -> Value {
        let mut events = Events(self.get("desk/events").await, String::new());
        events.next().await
    }
}

/// Server-sent events, read one by one.
struct Events(Response, String);

impl Events {
    async fn next(&mut self) -> Value {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let data = event.strip_prefix("data: ").map(serde_json::from_str);
                self.1 = rest.to_owned();
                if let Some(data) = data {
                    return data.unwrap();
                }
            } else {
                let chunk = self.0.chunk().await.unwrap().expect("the stream goes on");
                self.1.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        }
    }
}

#[tokio::test]
async fn the_page_does_what_a_person_and_an_agent_do() {
    let desk = Desk::start().await;
    assert_eq!(desk.ana_does("get_started").await.status(), 200);
    let replies = json!([{"content_type": "text", "title": "Red", "payload": "RED"}]);
    desk.send(json!({"text": "which?", "quick_replies": replies}))
        .await;
    let tap = json!({"person": desk.ana, "title": "Red"});
    assert_eq!(desk.act("quick_reply", tap).await.status(), 200);
    desk.send(
        json!({"attachment": {"type": "template", "payload": {"template_type": "button",
        "text": "Sure?", "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}}}),
    )
    .await;
    let mid = desk.state().await["threads"][0]["lines"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["mid"]
        .clone();
    let tap = json!({"person": desk.ana, "mid": mid, "index": 0});
    assert_eq!(desk.act("button", tap).await.status(), 200);
    let read: Value = desk.ana_does("read").await.json().await.unwrap();
    assert_eq!(read, json!({"unread": true}));

    assert_eq!(desk.ana_does("inbox_request").await.status(), 200);
    assert_eq!(desk.ana_does("inbox_take").await.status(), 200);
    let reply = json!({"person": desk.ana, "text": "this is Ben"});
    assert_eq!(desk.act("inbox_reply", reply).await.status(), 200);
    assert_eq!(desk.ana_does("inbox_done").await.status(), 200);

    let state = desk.state().await;
    let lines = state["threads"][0]["lines"].as_array().unwrap();
    let story: Vec<_> = lines
        .iter()
        .map(|line| match line["line"].as_str().unwrap() {
            "message" => line["text"].as_str().unwrap_or("template").to_owned(),
            _ => line["kind"].as_str().unwrap().to_owned(),
        })
        .collect();
    assert_eq!(
        story,
        [
            "routed",
            "Get Started",
            "which?",
            "Red",
            "template",
            "Yes",
            "requested",
            "taken",
            "this is Ben",
            "passed",
        ]
    );
    assert_eq!(
        state["threads"][0]["owner"],
        json!({"id": BOT, "name": "Bot"})
    );
    assert_eq!(state["threads"][0]["folder"], "done");
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let desk = Desk::start().await;
    for (act, body, status, why) in [
        (
            "inbox_done",
            json!({"person": desk.ana}),
            StatusCode::CONFLICT,
            "does not own",
        ),
        (
            "say",
            json!({"person": desk.ana, "text": " "}),
            StatusCode::CONFLICT,
            "empty",
        ),
        (
            "say",
            json!({"person": "42", "text": "hi"}),
            StatusCode::CONFLICT,
            "no thread",
        ),
        (
            "person",
            json!({"name": " "}),
            StatusCode::CONFLICT,
            "empty",
        ),
        (
            "say",
            json!({"person": desk.ana}),
            StatusCode::BAD_REQUEST,
            "text",
        ),
        ("dance", json!({}), StatusCode::BAD_REQUEST, "dance"),
        ("say", json!([]), StatusCode::BAD_REQUEST, "map"),
    ] {
        let answer = desk.act(act, body).await;
        assert_eq!(answer.status(), status, "{act}");
        let body: Value = answer.json().await.unwrap();
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(why), "{act}: {error}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_act() {
    let desk = Desk::start().await;
    let url = format!("{}desk/say", desk.sim.page_url());
    let body = json!({"person": desk.ana, "text": "hi"}).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = desk
            .client
            .post(&url)
            .header("content-type", kind)
            .body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 415);
    }
    assert_eq!(
        desk.client
            .post(&url)
            .body(body)
            .send()
            .await
            .unwrap()
            .status(),
        415
    );
    assert_eq!(desk.sim.owner_of(&desk.sim.person("Ana").await), None);
}

#[tokio::test]
async fn the_state_comes_at_once_and_at_every_change() {
    let desk = Desk::start().await;
    let answer = desk.get("desk/events").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = Events(answer, String::new());
    let first = events.next().await;
    assert_eq!(
        first["threads"][0]["person"],
        json!({"id": desk.ana, "name": "Ana"})
    );
    assert_eq!(first["threads"][0]["owner"], Value::Null);
    assert_eq!(first["timeline"], json!([]));

    desk.send_refused().await;
    let call = events.next().await;
    let rows = call["timeline"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["title"], &rows[0]["status"]),
        (&json!("messages"), &json!(400))
    );

    let say = json!({"person": desk.ana, "text": "hi"});
    assert_eq!(desk.act("say", say).await.status(), 200);
    let said = events.next().await;
    assert_eq!(said["threads"][0]["owner"]["id"], BOT.as_str());
    assert_eq!(said["timeline"], json!([]), "rows come once");

    let again = desk.state().await;
    assert_eq!(
        again["timeline"].as_array().unwrap().len(),
        1,
        "a reload has it all"
    );
    assert_eq!(again["era"], said["era"]);
    assert_eq!(desk.act("reset", json!({})).await.status(), 200);
    let fresh = events.next().await;
    assert_ne!(fresh["era"], said["era"]);
    assert_eq!(fresh["threads"][0]["lines"], json!([]));
}

impl Desk {
    async fn send_refused(&self) {
        let url = format!("{}/me/messages", self.sim.graph_url());
        let answer = self.client.post(url).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let desk = Desk::start().await;
    let page = desk.get("").await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains("http"),
        "{policy}"
    );
    let html = page.text().await.unwrap();
    let mut links: Vec<_> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| html.split(attribute).skip(1))
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    assert!(links.len() >= 6, "{links:?}");
    while let Some(link) = links.pop() {
        let path = link
            .strip_prefix("/desk/assets/")
            .expect("one of the simulator's own files");
        let file = desk.get(&format!("desk/assets/{path}")).await;
        assert_eq!(file.status(), 200, "{link}");
        let text = file.text().await.unwrap();
        let imports = text.split("from \"./").skip(1);
        links.extend(
            imports.map(|rest| format!("/desk/assets/{}", rest.split('"').next().unwrap())),
        );
    }
    assert_eq!(desk.get("desk/assets/none.js").await.status(), 404);
    assert_eq!(desk.get("favicon.ico").await.status(), 200);
    assert_eq!(
        desk.sim.timeline().len(),
        0,
        "none of this is a call of the Graph API"
    );
}

#[tokio::test]
async fn every_app_shows_what_it_gets() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot").webhook("http://127.0.0.1:9/webhook"))
        .app(SimulatedApp::new(SHOP, "Shop").standby(false))
        .start()
        .await
        .unwrap();
    let events = reqwest::get(format!("{}desk/events", sim.page_url()))
        .await
        .unwrap();
    let state = Events(events, String::new()).next().await;
    assert_eq!(
        state["apps"],
        json!([
            {"id": INBOX, "name": "Page Inbox", "standby": true, "subscribed": false},
            {"id": BOT, "name": "Bot", "standby": true, "subscribed": true},
            {"id": SHOP, "name": "Shop", "standby": false, "subscribed": false},
        ])
    );
}
