//! The current state, its changes, and the page that shows it.

use super::*;

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
    let state: Value = http::get(format!("{}control/state", sim.page_url()))
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
