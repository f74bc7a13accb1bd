//! Lists of threads, entries and the timeline, in pages.

use super::*;

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
    let last = format!("timeline?after={0}&before={0}", u64::MAX);
    assert_eq!(ids(&api.json(&last).await).len(), 0);
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
