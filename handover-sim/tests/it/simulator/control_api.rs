//! The desk's own API, which the page is built on, and the page's files.

use std::collections::HashSet;

use handover_sim::{SimulatedApp, Simulator};
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::{Value, json};

use crate::support::rules::{BOT, INBOX, SHOP};

struct ControlApi {
    sim: Simulator,
    client: Client,
    /// Whom the page opens with.
    ana: String,
}

impl ControlApi {
    async fn start() -> Self {
        let sim = Simulator::builder()
            .app(SimulatedApp::new(BOT, "Bot").token("bot-token"))
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana").id().to_string();
        Self {
            sim,
            client: Client::new(),
            ana,
        }
    }

    async fn act(&self, act: &str, body: Value) -> Response {
        self.post(&format!("actions/{act}"), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Response {
        let url = format!("{}control/{path}", self.sim.page_url());
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

    /// What the desk answers to a GET.
    async fn json(&self, path: &str) -> Value {
        let answer = self.get(&format!("control/{path}")).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Ana's thread with its lines.
    async fn thread(&self) -> Value {
        self.json(&format!("threads/{}", self.ana)).await
    }

    async fn events(&self, query: &str) -> Events {
        let answer = self.get(&format!("control/events{query}")).await;
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Events(answer, String::new())
    }
}

/// Server-sent events, read one by one.
struct Events(Response, String);

impl Events {
    /// The next event and its data.
    async fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let field = |name: &str| {
                    let mut lines = event.lines();
                    lines.find_map(|line| Some(line.strip_prefix(name)?.to_owned()))
                };
                let read = field("event: ").zip(field("data: "));
                self.1 = rest.to_owned();
                if let Some((name, data)) = read {
                    return (name, serde_json::from_str(&data).unwrap());
                }
            } else {
                let chunk = self.0.chunk().await.unwrap().expect("the stream goes on");
                self.1.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        }
    }

    /// The next event of this name.
    async fn of(&mut self, name: &str) -> Value {
        loop {
            let (event, data) = self.next().await;
            if event == name {
                return data;
            }
        }
    }
}

#[tokio::test]
async fn the_page_does_what_a_person_and_an_agent_do() {
    let api = ControlApi::start().await;
    assert_eq!(api.ana_does("get_started").await.status(), 200);
    let replies = json!([{"content_type": "text", "title": "Red", "payload": "RED"}]);
    api.send(json!({"text": "which?", "quick_replies": replies}))
        .await;
    let tap = json!({"person": api.ana, "title": "Red"});
    assert_eq!(api.act("quick_reply", tap).await.status(), 200);
    api.send(
        json!({"attachment": {"type": "template", "payload": {"template_type": "button",
        "text": "Sure?", "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}}}),
    )
    .await;
    let mid = api.thread().await["entries"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()["mid"]
        .clone();
    let tap = json!({"person": api.ana, "mid": mid, "index": 0});
    assert_eq!(api.act("button", tap).await.status(), 200);
    let read: Value = api.ana_does("read").await.json().await.unwrap();
    assert_eq!(read, json!({"unread": true}));

    assert_eq!(api.ana_does("inbox_request").await.status(), 200);
    assert_eq!(api.ana_does("inbox_take").await.status(), 200);
    let reply = json!({"person": api.ana, "text": "this is Ben"});
    assert_eq!(api.act("inbox_reply", reply).await.status(), 200);
    assert_eq!(api.ana_does("inbox_done").await.status(), 200);

    let state = api.thread().await;
    let lines = state["entries"].as_array().unwrap();
    let story: Vec<_> = lines
        .iter()
        .map(|line| match line["entry"].as_str().unwrap() {
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
    assert_eq!(state["thread"]["owner"], json!({"id": BOT, "name": "Bot"}));
    assert_eq!(state["thread"]["folder"], "done");
}

#[tokio::test]
async fn what_cannot_be_done_says_why() {
    let api = ControlApi::start().await;
    for (act, body, status, why) in [
        (
            "inbox_done",
            json!({"person": api.ana}),
            StatusCode::CONFLICT,
            "does not own",
        ),
        (
            "say",
            json!({"person": api.ana, "text": " "}),
            StatusCode::CONFLICT,
            "empty",
        ),
        (
            "say",
            json!({"person": "42", "text": "hi"}),
            StatusCode::NOT_FOUND,
            "no thread",
        ),
        (
            "say",
            json!({"person": api.ana}),
            StatusCode::BAD_REQUEST,
            "text",
        ),
        (
            "dance",
            json!({"person": api.ana}),
            StatusCode::BAD_REQUEST,
            "dance",
        ),
        ("read", json!({}), StatusCode::BAD_REQUEST, "person"),
        ("say", json!([]), StatusCode::BAD_REQUEST, "map"),
    ] {
        let answer = api.act(act, body).await;
        assert_eq!(answer.status(), status, "{act}");
        let body: Value = answer.json().await.unwrap();
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(why), "{act}: {error}");
    }
}

#[tokio::test]
async fn pages_of_other_sites_cannot_act() {
    let api = ControlApi::start().await;
    let url = format!("{}control/actions/say", api.sim.page_url());
    let body = json!({"person": api.ana, "text": "hi"}).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = api
            .client
            .post(&url)
            .header("content-type", kind)
            .body(body.clone());
        assert_eq!(request.send().await.unwrap().status(), 415);
    }
    assert_eq!(
        api.client
            .post(&url)
            .body(body)
            .send()
            .await
            .unwrap()
            .status(),
        415
    );
    assert_eq!(api.sim.owner_of(&api.sim.person("Ana")), None);
}

#[tokio::test]
async fn what_there_is_comes_at_once_and_then_what_changes() {
    let api = ControlApi::start().await;
    let mut events = api.events(&format!("?person={}", api.ana)).await;
    let state = events.of("state").await;
    let mut asked = api.json("state").await;
    asked["now"] = state["now"].clone();
    assert_eq!(state, asked);
    let threads = events.of("threads").await;
    let ana = &threads["threads"][0];
    assert_eq!(ana["person"], json!({"id": api.ana, "name": "Ana"}));
    assert_eq!((&ana["owner"], &ana["entries"]), (&Value::Null, &json!(0)));
    let none = json!({"person": api.ana, "from": 0, "entries": []});
    assert_eq!(events.of("entries").await, none);
    assert_eq!(events.of("rows").await, json!({"rows": [], "last": 0}));

    api.send_refused().await;
    let (name, rows) = events.next().await;
    assert_eq!(name, "rows", "nothing else has changed");
    let (title, status) = (&rows["rows"][0]["title"], &rows["rows"][0]["status"]);
    assert_eq!((title, status), (&json!("messages"), &json!(400)));
    assert_eq!(rows["last"], 1);

    let say = json!({"person": api.ana, "text": "hi"});
    assert_eq!(api.act("say", say.clone()).await.status(), 200);
    let threads = events.of("threads").await;
    assert_eq!(threads["threads"][0]["owner"]["id"], BOT.as_str());
    let lines = events.of("entries").await;
    assert_eq!(lines["from"], 0);
    assert_eq!(lines["entries"][1]["text"], "hi");
    assert_eq!(api.act("say", say).await.status(), 200);
    let lines = events.of("entries").await;
    assert_eq!(
        (&lines["from"], &lines["entries"][0]["index"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        lines["entries"].as_array().unwrap().len(),
        1,
        "lines come once"
    );

    let mut again = api.events("").await;
    assert_eq!(again.of("rows").await["last"], 1, "a reload has it all");
    assert_eq!(api.post("reset", json!({})).await.status(), 200);
    let fresh = events.of("state").await;
    assert_ne!(fresh["epoch"], state["epoch"]);
    let threads = events.of("threads").await;
    assert_eq!(threads["threads"][0]["entries"], 0);
    assert_eq!(events.of("rows").await["rows"], json!([]));
}

#[tokio::test]
async fn a_line_that_changes_comes_again() {
    let api = ControlApi::start().await;
    api.act("say", json!({"person": api.ana, "text": "hi"}))
        .await;
    api.send(json!({"text": "hello"})).await;
    let mut events = api.events(&format!("?person={}", api.ana)).await;
    assert_eq!(events.of("entries").await["entries"][2]["read"], false);
    assert_eq!(api.ana_does("read").await.status(), 200);
    let lines = events.of("entries").await;
    assert_eq!(lines["entries"].as_array().unwrap().len(), 1, "{lines}");
    assert_eq!(lines["entries"][0]["index"], 2);
    assert_eq!(lines["entries"][0]["read"], true);
}

impl ControlApi {
    async fn send_refused(&self) {
        let url = format!("{}/me/messages", self.sim.graph_url());
        let answer = self.client.post(url).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
}

/// What stands between this and the next quotation mark, wherever this is.
fn quoted_after<'a>(text: &'a str, this: &str) -> impl Iterator<Item = &'a str> {
    let rests = text.split(this).skip(1);
    rests.map(|rest| rest.split('"').next().unwrap())
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let api = ControlApi::start().await;
    let page = api.get("").await;
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
    let page = Url::parse(&api.sim.page_url()).unwrap();
    let mut links: Vec<_> = ["src=\"", "href=\""]
        .iter()
        .flat_map(|attribute| quoted_after(&html, attribute))
        .map(|link| page.join(link).unwrap())
        .collect();
    assert!(links.len() >= 6, "{links:?}");
    let mut seen = HashSet::new();
    while let Some(link) = links.pop() {
        if !seen.insert(link.clone()) {
            continue;
        }
        let path = link.as_str().strip_prefix(page.as_str());
        let path = path.expect("one of the simulator's own files");
        let file = api.get(path).await;
        assert_eq!(file.status(), 200, "{link}");
        let text = file.text().await.unwrap();
        links.extend(quoted_after(&text, "from \"").map(|import| link.join(import).unwrap()));
    }
    assert_eq!(api.get("control/assets/none.js").await.status(), 404);
    assert_eq!(api.get("favicon.ico").await.status(), 200);
    assert_eq!(
        api.sim.timeline().len(),
        0,
        "none of this is a call of the Graph API"
    );
}

#[tokio::test]
async fn the_state_shows_accounts_and_apps() {
    let sim = Simulator::builder()
        .page("1", "Kaffeehaus")
        .instagram("2", "kaffeehaus", "1")
        .app(SimulatedApp::new(BOT, "Bot").webhook("http://127.0.0.1:9/webhook"))
        .app(
            SimulatedApp::new(SHOP, "Shop")
                .accounts(["1"])
                .standby(false),
        )
        .start()
        .await
        .unwrap();
    let state: Value = reqwest::get(format!("{}control/state", sim.page_url()))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let apps = state["apps"].as_array().unwrap();
    let app = |id: &str| apps.iter().find(|app| app["id"] == id).unwrap();
    assert_eq!(
        *app(BOT.as_str()),
        json!({"id": BOT, "name": "Bot", "inbox": false,
            "webhook": "http://127.0.0.1:9/webhook", "verified": null})
    );
    assert_eq!(app(INBOX.as_str())["inbox"], true);
    let [page, instagram] = &state["accounts"].as_array().unwrap()[..] else {
        panic!("two accounts: {state}")
    };
    assert_eq!(page["product"], "messenger");
    assert_eq!(
        (&instagram["product"], &instagram["page"]),
        (&json!("instagram"), &json!("1"))
    );
    assert_eq!(page["routing"]["default_app"], BOT.as_str());
    let standby = |account: &Value, app: &str| -> Option<Value> {
        let apps = account["apps"].as_array().unwrap();
        let app = apps.iter().find(|one| one["id"] == app)?;
        Some(app["standby"].clone())
    };
    assert_eq!(standby(page, BOT.as_str()), Some(json!(true)));
    assert_eq!(standby(page, SHOP.as_str()), Some(json!(false)));
    assert_eq!(
        standby(instagram, SHOP.as_str()),
        None,
        "it is not connected"
    );
}

#[tokio::test]
async fn threads_come_in_pages_newest_first() {
    let api = ControlApi::start().await;
    for name in ["Ben", "Cleo", "Dora"] {
        let newcomer = json!({ "name": name });
        assert_eq!(api.post("persons", newcomer).await.status(), 200);
    }
    api.act("say", json!({"person": api.ana, "text": "Good Morning"}))
        .await;
    let names = |page: &Value| -> Vec<String> {
        let threads = page["threads"].as_array().unwrap().iter();
        threads
            .map(|one| one["person"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = api.json("threads?limit=3").await;
    assert_eq!(names(&first), ["Ana", "Dora", "Cleo"]);
    let next = first["next"].as_str().unwrap();
    let rest = api.json(&format!("threads?limit=3&before={next}")).await;
    assert_eq!(names(&rest), ["Ben"]);
    assert_eq!(rest["next"], Value::Null);
    assert_eq!(names(&api.json("threads?search=or").await), ["Ana", "Dora"]);
    assert_eq!(names(&api.json("threads?folder=done").await), ["Ana"]);
    assert_eq!(names(&api.json("threads?account=42").await).len(), 0);
    let again = api.post("persons", json!({"name": "Ben"})).await;
    let ben: Value = again.json().await.unwrap();
    let known = api.json("threads?search=Ben").await;
    assert_eq!(
        known["threads"][0]["person"]["id"], ben["person"],
        "he is known"
    );
}

#[tokio::test]
async fn lines_come_in_pages() {
    let api = ControlApi::start().await;
    for number in 0..5 {
        api.act(
            "say",
            json!({"person": api.ana, "text": number.to_string()}),
        )
        .await;
    }
    let texts = |page: &Value| -> Vec<String> {
        let lines = page["entries"].as_array().unwrap().iter();
        lines
            .map(|line| line["text"].as_str().unwrap_or("routed").to_owned())
            .collect()
    };
    let newest = api.json(&format!("threads/{}?limit=2", api.ana)).await;
    assert_eq!(
        (texts(&newest), &newest["from"]),
        (vec!["3".into(), "4".into()], &json!(4))
    );
    let before = api
        .json(&format!("threads/{}?limit=3&before=4", api.ana))
        .await;
    assert_eq!(texts(&before), ["0", "1", "2"]);
    let oldest = api.json(&format!("threads/{}?before=1", api.ana)).await;
    assert_eq!(
        (texts(&oldest), &oldest["from"]),
        (vec!["routed".into()], &json!(0))
    );
}

#[tokio::test]
async fn the_timeline_comes_in_pages_and_can_be_searched() {
    let api = ControlApi::start().await;
    api.send_refused().await;
    api.act("say", json!({"person": api.ana, "text": "hi"}))
        .await;
    api.send(json!({"text": "Hello"})).await;
    api.send(json!({"text": "and Goodbye"})).await;
    let ids = |page: &Value| -> Vec<u64> {
        let rows = page["rows"].as_array().unwrap().iter();
        rows.map(|row| row["id"].as_u64().unwrap()).collect()
    };
    let newest = api.json("timeline?limit=2").await;
    assert_eq!((ids(&newest), &newest["next"]), (vec![3, 2], &json!("2")));
    assert_eq!(ids(&api.json("timeline?limit=2&before=2").await), [1]);
    assert_eq!(ids(&api.json("timeline?after=1").await), [2, 3]);
    assert_eq!(ids(&api.json("timeline?state=failed").await), [1]);
    assert_eq!(
        ids(&api.json(&format!("timeline?app={BOT}&kind=call")).await),
        [3, 2]
    );
    assert_eq!(ids(&api.json("timeline?search=goodbye").await), [3]);
    assert_eq!(
        ids(&api.json(&format!("timeline?person={}", api.ana)).await),
        [3, 2]
    );
    assert_eq!(ids(&api.json("timeline?title=thread_owner").await).len(), 0);

    let row = api.json("timeline/3").await;
    let request: Value = serde_json::from_str(row["request"].as_str().unwrap()).unwrap();
    assert_eq!(request["message"]["text"], "and Goodbye");
    assert_eq!(row["request_headers"]["authorization"], "(hidden)");
    assert_eq!(row["response_headers"]["facebook-api-version"], "v26.0");
    assert!(row["response"].as_str().unwrap().contains("message_id"));
    for (path, status) in [
        ("timeline/9", 404),
        ("timeline/x", 400),
        ("timeline?limit=x", 400),
        ("timeline?kind=x", 400),
        ("timeline?page=1", 400),
        ("threads/9", 404),
        ("nothing", 404),
    ] {
        let answer = api.get(&format!("control/{path}")).await;
        assert_eq!(answer.status(), status, "{path}");
        let body: Value = answer.json().await.unwrap();
        assert!(body["error"].is_string(), "{path}: {body}");
    }
}

#[tokio::test]
async fn another_app_acts_as_if_it_had_called() {
    let sim = Simulator::builder()
        .app(SimulatedApp::new(BOT, "Bot"))
        .app(SimulatedApp::new(SHOP, "Shop"))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let act = async |act: &str, body: Value| {
        let mut fields = json!({ "person": ana.id() });
        fields
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        let url = format!("{}control/actions/{act}", sim.page_url());
        let answer = Client::new().post(url).json(&fields).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap(),
        )
    };
    let (status, body) = act("app_send", json!({"app": SHOP, "text": "mine"})).await;
    assert_eq!(status, 409);
    assert!(
        body["error"].as_str().unwrap().contains("another app"),
        "{body}"
    );
    assert_eq!(
        act("app_pass", json!({"app": BOT, "to": SHOP})).await.0,
        200
    );
    assert_eq!(sim.owner_of(&ana), Some(SHOP));
    let (status, sent) = act("app_send", json!({"app": SHOP, "text": "mine"})).await;
    assert_eq!(status, 200);
    assert!(sent["message_id"].is_string(), "{sent}");
    assert_eq!(act("app_take", json!({"app": BOT})).await.0, 200);
    assert_eq!(act("app_release", json!({"app": BOT})).await.0, 200);
    assert_eq!(sim.owner_of(&ana), None);
    assert_eq!(
        act("app_request", json!({"app": BOT})).await.0,
        409,
        "routing is on"
    );
    assert_eq!(act("app_take", json!({"app": "42"})).await.0, 404);
    let calls: Vec<_> = sim.timeline().into_iter().map(|row| row.title).collect();
    assert_eq!(
        calls,
        [
            "messages",
            "pass_thread_control",
            "messages",
            "take_thread_control",
            "release_thread_control",
            "request_thread_control"
        ]
    );
}

#[tokio::test]
async fn settings_change_while_it_runs() {
    let api = ControlApi::start().await;
    let patch = async |path: &str, body: Value| {
        let url = format!("{}control/{path}", api.sim.page_url());
        let answer = api.client.patch(url).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let page = "accounts/1744550565845823";
    let zero = json!({"routing": {"mode": "zero_config"}, "get_started": "HI"});
    assert_eq!(patch(page, zero).await.0, 200);
    let state = api.json("state").await;
    assert_eq!(
        state["accounts"][0]["routing"],
        json!({"mode": "zero_config"})
    );
    assert_eq!(state["accounts"][0]["get_started"], "HI");
    let stranger = json!({"routing": {"mode": "conversation", "default_app": "42"}});
    assert_eq!(patch(page, stranger).await.0, 409);
    assert_eq!(patch("accounts/42", json!({})).await.0, 404);
    assert_eq!(patch(page, json!({"color": "red"})).await.0, 400);
    let app = format!("{page}/apps/{BOT}");
    assert_eq!(
        patch(&app, json!({"can_take": false, "subscribed": false}))
            .await
            .0,
        200
    );
    let state = api.json("state").await;
    let apps = state["accounts"][0]["apps"].as_array().unwrap();
    let bot = apps.iter().find(|app| app["id"] == BOT.as_str()).unwrap();
    assert_eq!(
        (&bot["can_take"], &bot["standby"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(bot["subscribed"], false);
    assert_eq!(patch(&format!("{page}/apps/42"), json!({})).await.0, 404);
    let connected = async || {
        let state = api.json("state").await;
        let apps = state["accounts"][0]["apps"].as_array().unwrap().clone();
        apps.iter().any(|app| app["id"] == BOT.as_str())
    };
    assert_eq!(patch(&app, json!({"connected": false})).await.0, 200);
    assert!(!connected().await);
    assert_eq!(patch(&app, json!({"can_take": true})).await.0, 404);
    assert_eq!(patch(&app, json!({"connected": true})).await.0, 200);
    assert!(connected().await);

    let choose = async |behavior: Value| {
        let url = format!("{}control/behavior", api.sim.page_url());
        api.client
            .put(url)
            .json(&behavior)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(choose(json!({"app_ids": "strings"})).await, 200);
    let state = api.json("state").await;
    assert_eq!(state["behavior"]["app_ids"], "strings");
    assert_eq!(state["behavior"]["inbox_done"], "passes", "the others stay");
    assert_eq!(choose(json!({"app_ids": "letters"})).await, 400);
    assert_eq!(choose(json!({"apps": "strings"})).await, 400);
}
