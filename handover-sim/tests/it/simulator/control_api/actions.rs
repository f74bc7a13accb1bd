//! Actions of people, agents and apps.

use super::*;

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
