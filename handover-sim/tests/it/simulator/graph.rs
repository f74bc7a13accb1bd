//! The Graph API over HTTP: to the letter where the platform's letters are known.

use handover_sim::{Person, SimulatedApp, Simulator};
use handover_testkit::http::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::rules::{BOT, INBOX, PAGE, SHOP};

struct Graph {
    sim: Simulator,
    client: Client,
    ana: Person,
}

impl Graph {
    /// Two apps, and Ana, who has written to the first.
    async fn start() -> Self {
        let sim = Simulator::builder()
            .page(PAGE, "Kaffeehaus")
            .app(
                SimulatedApp::new(BOT, "Bot")
                    .secret("secret")
                    .token("bot-token"),
            )
            .app(
                SimulatedApp::new(SHOP, "Shop")
                    .token("shop-token")
                    .can_take(false),
            )
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana");
        ana.says("hello").await.unwrap();
        Self {
            sim,
            client: Client::new(),
            ana,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sim.graph_url())
    }

    fn to_ana(&self) -> Value {
        json!({ "id": self.ana.id() })
    }

    async fn post(&self, token: &str, path: &str, body: Value) -> Response {
        let request = self.client.post(self.url(path)).bearer_auth(token);
        request.json(&body).send().await.unwrap()
    }

    async fn get(&self, token: &str, path: &str) -> Response {
        self.client
            .get(self.url(path))
            .bearer_auth(token)
            .send()
            .await
            .unwrap()
    }

    async fn pass(&self, token: &str, target: &str) -> Response {
        let body = json!({"recipient": self.to_ana(), "target_app_id": target});
        self.post(token, "/v26.0/me/pass_thread_control", body)
            .await
    }
}

/// A refusal's body; its `fbtrace_id`, different each time, is checked and cut out.
async fn error(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=UTF-8"
    );
    let body = response.text().await.unwrap();
    let (start, rest) = body
        .split_once(r#","fbtrace_id":""#)
        .expect("an fbtrace_id");
    let (id, end) = rest.split_once('"').unwrap();
    assert!(
        !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()),
        "{id}"
    );
    format!("{start}{end}")
}

async fn good(response: Response) -> Value {
    let status = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(status, StatusCode::OK, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn a_message_is_answered_with_recipient_and_message() {
    let graph = Graph::start().await;
    let body = json!({"recipient": graph.to_ana(), "messaging_type": "RESPONSE",
                      "message": {"text": "hi"}});
    let path = format!("/v26.0/{PAGE}/messages");
    let answer = good(graph.post("bot-token", &path, body).await).await;
    let messages = graph.ana.messages();
    assert_eq!(messages[1].text.as_deref(), Some("hi"));
    assert_eq!(
        answer,
        json!({"recipient_id": graph.ana.id(), "message_id": messages[1].mid})
    );
}

#[tokio::test]
async fn a_non_owner_gets_the_platforms_words() {
    let graph = Graph::start().await;
    good(graph.pass("bot-token", INBOX.as_str()).await).await;
    let body = json!({"recipient": graph.to_ana(), "message": {"text": "hi"}});
    assert_eq!(
        error(graph.post("bot-token", "/v26.0/me/messages", body).await).await,
        r#"{"error":{"message":"(#10) Message failed to send because another app is controlling this thread now.","type":"OAuthException","code":10,"error_subcode":2018300}}"#
    );
}

#[tokio::test]
async fn refusals_of_thread_control_have_their_codes() {
    let graph = Graph::start().await;
    let recipient = json!({"recipient": graph.to_ana()});
    let post = async |edge: &str, body: &Value| {
        let path = format!("/v26.0/me/{edge}");
        graph.post("shop-token", &path, body.clone()).await
    };
    assert_eq!(
        error(post("take_thread_control", &recipient).await).await,
        r#"{"error":{"message":"(#27) Take thread control is not supported when Conversation Routing is not enabled.","type":"OAuthException","code":27}}"#
    );
    assert_eq!(
        error(post("release_thread_control", &recipient).await).await,
        r#"{"error":{"message":"(#100) Only the current thread owner can release thread control","type":"OAuthException","code":100}}"#
    );
    assert_eq!(
        error(graph.pass("shop-token", INBOX.as_str()).await).await,
        r#"{"error":{"message":"(#100) Pass thread control failed: the calling app is not the thread owner","type":"OAuthException","code":100}}"#
    );
    assert_eq!(
        error(graph.pass("bot-token", "1").await).await,
        r#"{"error":{"message":"(#100) Incorrect App ID.","type":"OAuthException","code":100,"error_subcode":2018164}}"#
    );
    let stranger = json!({"recipient": {"id": "42"}});
    assert_eq!(
        error(post("take_thread_control", &stranger).await).await,
        r#"{"error":{"message":"(#100) No matching user found","type":"OAuthException","code":100,"error_subcode":2018001}}"#
    );
}

#[tokio::test]
async fn the_window_has_its_subcode() {
    let graph = Graph::start().await;
    let ben = graph.sim.person("Ben");
    let body = json!({"recipient": {"id": ben.id()}, "message": {"text": "buy!"}});
    assert_eq!(
        error(graph.post("bot-token", "/v26.0/me/messages", body).await).await,
        r#"{"error":{"message":"(#10) This message is sent outside of allowed window.","type":"OAuthException","code":10,"error_subcode":2018278}}"#
    );
}

#[tokio::test]
async fn a_call_needs_a_token_that_is_known() {
    let graph = Graph::start().await;
    let url = graph.url("/v26.0/me");
    let unknown = r#"{"error":{"message":"Invalid OAuth access token - Cannot parse access token","type":"OAuthException","code":190}}"#;
    assert_eq!(
        error(graph.get("nobody's", "/v26.0/me").await).await,
        unknown
    );
    assert_eq!(
        error(graph.client.get(&url).send().await.unwrap()).await,
        r#"{"error":{"message":"An access token is required to request this resource.","type":"OAuthException","code":190}}"#
    );
    let in_query = graph.client.get(format!("{url}?access_token=bot-token"));
    good(in_query.send().await.unwrap()).await;
    let old_style = graph
        .client
        .get(&url)
        .header("authorization", "OAuth bot-token");
    good(old_style.send().await.unwrap()).await;
}

#[tokio::test]
async fn a_proof_is_checked_if_there_is_one() {
    let graph = Graph::start().await;
    let proof = "00ff".repeat(16);
    let answer = graph
        .get("bot-token", &format!("/v26.0/me?appsecret_proof={proof}"))
        .await;
    assert_eq!(
        error(answer).await,
        r#"{"error":{"message":"Invalid appsecret_proof provided in the API argument","type":"GraphMethodException","code":100}}"#
    );
    let proof = hex::encode(crate::simulator::webhooks::hmac_sha256(
        b"secret",
        b"bot-token",
    ));
    good(
        graph
            .get("bot-token", &format!("/v26.0/me?appsecret_proof={proof}"))
            .await,
    )
    .await;
}

#[tokio::test]
async fn unknown_paths_are_errors_of_the_graph_api() {
    let graph = Graph::start().await;
    for (method, path, object) in [
        ("GET", "/v26.0/42", "42"),
        ("GET", "/v26.0/me/nothing", "me"),
        ("GET", "/v26.0/me/messages", "me"),
        ("POST", "/v26.0/42/messages", "42"),
        ("DELETE", "/v26.0/me/messages", "me"),
        ("POST", "/", ""),
    ] {
        let method_name = method.to_lowercase();
        let url = graph.url(path);
        let request = graph
            .client
            .request(method.parse().unwrap(), url)
            .bearer_auth("bot-token");
        let message = format!(
            "Unsupported {method_name} request. Object with ID '{object}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api"
        );
        assert_eq!(
            error(request.send().await.unwrap()).await,
            format!(
                r#"{{"error":{{"message":"{message}","type":"GraphMethodException","code":100,"error_subcode":33}}}}"#
            ),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_not_json_objects_are_refused() {
    let graph = Graph::start().await;
    let url = graph.url("/v26.0/me/messages");
    for body in ["{", "[]", "null", "\u{feff}", &"[".repeat(10_000)] {
        let request = graph
            .client
            .post(&url)
            .bearer_auth("bot-token")
            .body(body.to_owned());
        let error = error(request.send().await.unwrap()).await;
        assert!(error.contains(r#""code":100"#), "{error}");
    }
}

#[tokio::test]
async fn parameters_come_as_json_form_fields_or_query() {
    let graph = Graph::start().await;
    let ana = graph.ana.id();
    let recipient = format!(r#"{{"id":"{ana}"}}"#);
    let message = r#"{"text":"by form"}"#;
    let form = form([("recipient", recipient.as_str()), ("message", message)]);
    let by_form = graph
        .client
        .post(graph.url("/v26.0/me/messages?access_token=bot-token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    good(by_form.send().await.unwrap()).await;

    let query = self::form([
        ("recipient", format!("{{id:{ana}}}").as_str()),
        ("message", r#"{"text":"by query"}"#),
        ("access_token", "bot-token"),
    ]);
    let by_query = graph
        .client
        .post(graph.url(&format!("/v26.0/me/messages?{query}")));
    good(by_query.send().await.unwrap()).await;

    let as_text = json!({"recipient": recipient, "message": {"text": "by json"}});
    good(graph.post("bot-token", "/me/messages", as_text).await).await;

    let texts: Vec<_> = graph
        .ana
        .messages()
        .into_iter()
        .filter_map(|m| m.text)
        .collect();
    assert_eq!(texts, ["hello", "by form", "by query", "by json"]);

    let query = self::form([("recipient", recipient.as_str()), ("duration", "3600")]);
    let url = graph.url(&format!("/v26.0/me/extend_thread_control?{query}"));
    good(
        graph
            .client
            .post(url)
            .bearer_auth("bot-token")
            .send()
            .await
            .unwrap(),
    )
    .await;

    let metadata = r#"{"reason":"agent"}"#;
    let body = self::form([
        ("recipient", recipient.as_str()),
        ("target_app_id", INBOX.as_str()),
        ("metadata", metadata),
    ]);
    let request = graph
        .client
        .post(graph.url("/v26.0/me/pass_thread_control"))
        .header("content-type", "application/x-www-form-urlencoded")
        .bearer_auth("bot-token")
        .body(body);
    good(request.send().await.unwrap()).await;
    let main = graph
        .sim
        .inbox()
        .threads(handover_sim::platform::Folder::Main);
    let note = main[0].handovers().next_back().unwrap().metadata.clone();
    assert_eq!(
        note.as_deref(),
        Some(metadata),
        "metadata stays text even if it looks like JSON"
    );
}

fn form<const N: usize>(fields: [(&str, &str); N]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

#[tokio::test]
async fn parameters_of_the_wrong_type_are_refused_and_not_passed_over() {
    let graph = Graph::start().await;
    for (edge, body, name) in [
        (
            "pass_thread_control",
            json!({"target_app_id": true}),
            "target_app_id",
        ),
        (
            "pass_thread_control",
            json!({"metadata": {"reason": "agent"}}),
            "metadata",
        ),
        (
            "release_thread_control",
            json!({"recipient": "Ana"}),
            "recipient",
        ),
        (
            "extend_thread_control",
            json!({"duration": "an hour"}),
            "duration",
        ),
    ] {
        let mut all = json!({"recipient": graph.to_ana()});
        all.as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        let error = error(graph.post("bot-token", &format!("/me/{edge}"), all).await).await;
        let expected = format!("(#100) Param {name} is of the wrong type");
        assert!(error.contains(&expected), "{edge}: {error}");
    }
    let body = json!({"recipient": graph.to_ana(), "message": {"text": ["hi"]}});
    let error = error(graph.post("bot-token", "/me/messages", body).await).await;
    assert!(
        error.contains("(#100) Param message[text] must be a string"),
        "{error}"
    );
    assert_eq!(graph.sim.owner_of(&graph.ana), Some(BOT));
}

#[tokio::test]
async fn target_app_ids_are_numbers_as_well() {
    let graph = Graph::start().await;
    let body = json!({"recipient": graph.to_ana(), "target_app_id": 263_902_037_430_900_u64});
    let answer = graph
        .post("bot-token", "/v26.0/me/pass_thread_control", body)
        .await;
    assert_eq!(answer.text().await.unwrap(), r#"{"success":true}"#);
    assert_eq!(graph.sim.owner_of(&graph.ana), Some(INBOX));
}

#[tokio::test]
async fn the_owner_is_asked_for_with_a_plain_id() {
    let graph = Graph::start().await;
    let path = format!("/v26.0/{PAGE}/thread_owner?recipient={}", graph.ana.id());
    let owner = good(graph.get("bot-token", &path).await).await;
    assert_eq!(owner["data"][0]["thread_owner"]["app_id"], BOT.as_str());
    assert!(owner["data"][0]["thread_owner"]["expiration"].is_u64());
    let others = good(graph.get("shop-token", &path).await).await;
    assert_eq!(others["data"][0]["thread_owner"].get("app_id"), None);

    let ben = graph.sim.person("Ben");
    let path = format!("/v26.0/me/thread_owner?recipient={}", ben.id());
    assert_eq!(
        good(graph.get("bot-token", &path).await).await,
        json!({"data": []})
    );
    let nobody = error(graph.get("bot-token", "/v26.0/me/thread_owner").await).await;
    assert!(
        nobody.contains("(#100) The parameter recipient is required"),
        "{nobody}"
    );
}

#[tokio::test]
async fn the_page_shows_whether_conversation_routing_is_on() {
    let graph = Graph::start().await;
    let status = |routing: bool| {
        json!({"id": PAGE, "messaging_feature_status":
               {"hop_v2": false, "msgr_multi_app": routing, "ig_multi_app": false}})
    };
    for object in ["me", PAGE] {
        let path = format!("/v26.0/{object}?fields=messaging_feature_status");
        assert_eq!(
            good(graph.get("bot-token", &path).await).await,
            status(true)
        );
    }
    let page = good(graph.get("bot-token", "/v26.0/me").await).await;
    assert_eq!(page, json!({"id": PAGE, "name": "Kaffeehaus"}));
    let odd = error(graph.get("bot-token", "/v26.0/me?fields=shoe_size").await).await;
    assert!(
        odd.contains("(#100) Tried accessing nonexisting field (shoe_size)"),
        "{odd}"
    );

    let zero = Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(SimulatedApp::new(BOT, "Bot").token("bot-token"))
        .zero_config()
        .start()
        .await
        .unwrap();
    let url = format!("{}/me?fields=messaging_feature_status", zero.graph_url());
    let answer = graph
        .client
        .get(url)
        .bearer_auth("bot-token")
        .send()
        .await
        .unwrap();
    assert_eq!(good(answer).await, status(false));
}

#[tokio::test]
async fn the_other_apps_are_shown_to_the_default_app() {
    let graph = Graph::start().await;
    let path = "/v26.0/me/secondary_receivers?fields=id,name";
    assert_eq!(
        good(graph.get("bot-token", path).await).await,
        json!({"data": [{"id": INBOX, "name": "Page Inbox"}, {"id": SHOP, "name": "Shop"}]})
    );
    let hidden = error(graph.get("shop-token", path).await).await;
    assert!(hidden.contains(r#""error_subcode":2018234"#), "{hidden}");
}

#[tokio::test]
async fn the_version_comes_back_in_a_header() {
    let graph = Graph::start().await;
    for (path, version) in [
        ("/v24.0/me", "v24.0"),
        ("/me", "v26.0"),
        ("/v9/me", "v26.0"),
    ] {
        let answer = graph.get("bot-token", path).await;
        assert_eq!(answer.headers()["facebook-api-version"], version, "{path}");
    }
}

#[tokio::test]
async fn no_token_reaches_the_timeline() {
    let graph = Graph::start().await;
    let url = graph.url("/v26.0/me/messages?access_token=bot-token&appsecret_proof=abc");
    graph
        .client
        .post(url)
        .json(&json!({"recipient": {"id": "42"}}))
        .send()
        .await
        .unwrap();
    let body = json!({"access_token": "bot-token", "recipient": {"id": "42"}});
    graph
        .client
        .post(graph.url("/me/messages"))
        .json(&body)
        .send()
        .await
        .unwrap();
    let timeline = graph.sim.timeline();
    let calls = timeline.iter().filter(|row| row.title == "messages");
    assert_eq!(calls.clone().count(), 2);
    for row in calls {
        assert_eq!(row.request.as_deref(), Some(r#"{"recipient":{"id":"42"}}"#));
        let whole = serde_json::to_string(row).unwrap();
        assert!(
            !whole.contains("bot-token") && !whole.contains("abc"),
            "{whole}"
        );
    }
}
