//! The document that describes the desk's own API, held against what answers.

use std::collections::BTreeSet;

use handover_sim::{SimulatedApp, Simulator};
use handover_testkit::http;
use handover_testkit::http::{Client, Method, Response};
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE, SHOP};

struct Described {
    document: Value,
}

impl Described {
    /// `$ref` or not.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let Some(name) = schema["$ref"].as_str() else {
            return schema;
        };
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        let schema = &self.document["components"]["schemas"][name];
        assert!(schema.is_object(), "there is no schema {name}");
        schema
    }

    /// Why the value does not fit the schema, as far as this document's schemas go.
    fn misfit(&self, schema: &Value, value: &Value, place: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        if let Some(one_of) = schema["oneOf"].as_array() {
            let misfits: Vec<_> = one_of
                .iter()
                .map(|one| self.misfit(one, value, place))
                .collect();
            return match misfits.iter().any(Result::is_ok) {
                true => Ok(()),
                false => Err(format!("{place} fits none: {misfits:?}")),
            };
        }
        if let Some(allowed) = schema["enum"].as_array()
            && !allowed.contains(value)
        {
            return Err(format!("{place} is {value}, not one of {allowed:?}"));
        }
        if let Some(only) = schema.get("const")
            && only != value
        {
            return Err(format!("{place} is {value}, not {only}"));
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let fits = |wanted: &Value| wanted == kind || (wanted == "number" && kind == "integer");
        let of_kind = match &schema["type"] {
            Value::Null => true,
            Value::Array(kinds) => kinds.iter().any(fits),
            wanted => fits(wanted),
        };
        if !of_kind {
            return Err(format!("{place} is a {kind}, not {}", schema["type"]));
        }
        if let Some(items) = value.as_array().filter(|_| !schema["items"].is_null()) {
            for (index, item) in items.iter().enumerate() {
                self.misfit(&schema["items"], item, &format!("{place}[{index}]"))?;
            }
        }
        let Some(fields) = value.as_object() else {
            return Ok(());
        };
        for required in schema["required"].as_array().into_iter().flatten() {
            if !fields.contains_key(required.as_str().unwrap()) {
                return Err(format!("{place} lacks {required}"));
            }
        }
        for (name, field) in fields {
            let place = format!("{place}.{name}");
            match (&schema["properties"][name], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => {
                    return Err(format!("{place} is not described"));
                }
                (Value::Null, other @ Value::Object(_)) => self.misfit(other, field, &place)?,
                (Value::Null, _) => {}
                (described, _) => self.misfit(described, field, &place)?,
            }
        }
        Ok(())
    }
}

/// What is asked of one operation, and the status that must come.
type Asked = (&'static str, String, Option<Value>, u16);

async fn ask(sim: &Simulator, asked: &Asked, path: &str) -> Response {
    let (method, _, body, _) = asked;
    let method: Method = method.to_uppercase().parse().unwrap();
    let url = format!("{}{}", sim.graph_url(), path);
    let mut request = Client::new().request(method, url);
    if let Some(body) = body {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

/// The path of the document that this path is an instance of.
fn template(document: &Value, path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let paths = document["paths"].as_object().unwrap();
    if paths.contains_key(path) {
        return path.to_owned();
    }
    let same = |template: &&String| {
        let (these, those) = (template.split('/'), path.split('/'));
        these.clone().count() == those.clone().count()
            && these
                .zip(those)
                .all(|(this, that)| this.starts_with('{') || this == that)
    };
    let found = paths.keys().find(same);
    found
        .unwrap_or_else(|| panic!("{path} is not described"))
        .clone()
}

#[tokio::test]
async fn everything_is_described_and_answers_as_described() {
    let bot = Bot::start().await;
    let sim = Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(SimulatedApp::new(BOT, "Bot").webhook(bot.webhook()))
        .app(SimulatedApp::new(SHOP, "Shop"))
        .start()
        .await
        .unwrap();
    let document = http::get(format!("{}control/openapi.json", sim.page_url())).await;
    let document: Value = document.unwrap().json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let described = Described { document };
    let ana = sim.person("Ana");
    let ben = sim.person("Ben");
    let act = |name: &str, fields: Value, status: u16| -> Asked {
        let mut body = json!({ "person": ana.id() });
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        (
            "post",
            format!("/control/actions/{name}"),
            Some(body),
            status,
        )
    };
    let get = |path: &str| -> Asked { ("get", format!("/control/{path}"), None, 200) };
    let button = json!({"recipient": {"id": ana.id()}, "message": {"attachment":
        {"type": "template", "payload": {"template_type": "button", "text": "Sure?",
        "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}}}});
    let replies = json!({"recipient": {"id": ana.id()}, "message": {"text": "Which?",
        "quick_replies": [{"content_type": "text", "title": "Red", "payload": "RED"}]}});
    let request = json!({"recipient": {"id": ana.id()}, "message": {"attachment":
        {"type": "template", "payload": {"template_type": "one_time_notif_req",
        "title": "When it is back?", "payload": "HAT"}}}});
    let send: fn(&Value) -> Asked =
        |body| ("post", "/me/messages".to_owned(), Some(body.clone()), 200);
    let ad = json!([{"id": "6", "title": "Spring", "app": BOT, "control_days": 3}]);
    let account = format!("/control/accounts/{PAGE}");
    let empty = || Some(json!({}));
    let round: Vec<Asked> = vec![
        (
            "patch",
            account.clone(),
            Some(json!({"ads": ad, "instant_reply": "Soon!", "away_message": ""})),
            200,
        ),
        (
            "patch",
            format!("{account}/apps/{BOT}"),
            Some(json!({"standby": true})),
            200,
        ),
        (
            "put",
            "/control/behavior".to_owned(),
            Some(json!({"app_ids": "strings"})),
            200,
        ),
        (
            "post",
            "/control/persons".to_owned(),
            Some(json!({"name": "Cleo", "locale": "fr_FR", "timezone": 1})),
            200,
        ),
        (
            "post",
            "/control/persons".to_owned(),
            Some(json!({"name": "Dan", "locale": "French"})),
            409,
        ),
        (
            "patch",
            format!("/control/persons/{}", ana.id()),
            Some(json!({"locale": "de_DE", "timezone": 5.5})),
            200,
        ),
        act("get_started", json!({}), 200),
        act("get_started", json!({}), 409),
        send(&button),
        act("button", json!({"mid": "{mid}", "index": 0}), 200),
        act(
            "react",
            json!({"mid": "{mid}", "reaction": "love", "emoji": "❤"}),
            200,
        ),
        act("unreact", json!({"mid": "{mid}"}), 200),
        act("reply", json!({"mid": "{mid}", "text": "yes"}), 200),
        act(
            "reply_to_story",
            json!({"story": "http://127.0.0.1:9/s.png", "text": "yes"}),
            409,
        ),
        send(&replies),
        act("quick_reply", json!({"title": "Red"}), 200),
        act(
            "attach",
            json!({"type": "image", "url": "http://127.0.0.1:9/a.png"}),
            200,
        ),
        act("read", json!({}), 200),
        act("say", json!({"text": "hello"}), 200),
        act("edit", json!({"mid": "{own}", "text": "hello!"}), 200),
        act("unsend", json!({"mid": "{own}"}), 200),
        act("open_link", json!({"ref": "spring"}), 200),
        act("click_ad", json!({"ad": "6"}), 200),
        act("lead_ad", json!({"ad": "6"}), 200),
        act("lead_ad_complete", json!({"complete": true}), 200),
        act("comment", json!({"text": "nice"}), 200),
        act("comment", json!({"text": "nice", "on_ad": true}), 409),
        act("account_comment", json!({"text": "thank you"}), 200),
        act("post", json!({"text": "nice"}), 200),
        act(
            "tick_box",
            json!({"user_ref": "visitor", "ref": "shop"}),
            200,
        ),
        act("share_phone_number", json!({"number": "+16505551234"}), 200),
        send(&request),
        act("agree_to_notifications", json!({"mid": "{own}"}), 200),
        act("agree_to_notifications", json!({"mid": "m_5"}), 409),
        act("follow_account_link", json!({}), 200),
        act(
            "finish_account_link",
            json!({"authorization_code": "C"}),
            200,
        ),
        act("log_out", json!({}), 200),
        act("request_data_deletion", json!({"app": BOT}), 409),
        act("inbox_request", json!({}), 200),
        act("inbox_take", json!({}), 200),
        act("inbox_reply", json!({"text": "this is Ben"}), 200),
        act(
            "inbox_say",
            json!({"text": "Ben again", "from": "native_app"}),
            200,
        ),
        act("inbox_delete", json!({}), 200),
        act("inbox_done", json!({}), 200),
        act("app_send", json!({"app": BOT, "text": "back"}), 200),
        act("app_pass", json!({"app": BOT, "to": SHOP}), 200),
        act("app_take", json!({"app": BOT, "metadata": "mine"}), 200),
        act("app_release", json!({"app": BOT}), 200),
        act("app_request", json!({"app": BOT}), 409),
        get("state"),
        get("threads?limit=1"),
        get(&format!("threads/{}", ana.id())),
        ("get", "/control/threads/42".to_owned(), None, 404),
        ("get", "/control/threads?limit=many".to_owned(), None, 400),
        get("timeline?limit=500"),
        get("timeline/1"),
        get("timeline/1/curl"),
        get(&format!("threads/{}/scenario", ana.id())),
        ("post", "/control/timeline/1/again".to_owned(), empty(), 200),
        ("post", "/control/timeline/1/again".to_owned(), None, 415),
        (
            "put",
            "/control/faults".to_owned(),
            Some(json!({"seed": 4, "rules": [
            {"on": "webhook", "fault": {"type": "batch"}, "kind": "message", "times": 2}]})),
            200,
        ),
        (
            "put",
            "/control/faults".to_owned(),
            Some(json!({"rules": [{"on": "call"}]})),
            400,
        ),
        (
            "post",
            "/control/clock".to_owned(),
            Some(json!({"advance_ms": 1000})),
            200,
        ),
        get("openapi.json"),
        get(&format!("events?person={}", ben.id())),
        ("post", "/control/reset".to_owned(), empty(), 200),
    ];
    let mut tried = BTreeSet::new();
    for mut asked in round {
        let path = asked.1.clone();
        if !path.starts_with("/control/") {
            let url = format!("{}{path}", sim.graph_url());
            let token = format!("token-{BOT}-{PAGE}");
            let request = Client::new().post(url).bearer_auth(token);
            let sent = request.json(&asked.2).send().await.unwrap();
            assert_eq!(sent.status(), 200, "{:?}", sent.text().await);
            continue;
        }
        // Messages have their ids only now.
        if let Some(body) = &mut asked.2 {
            let messages = ana.messages();
            let newest = messages.iter().rev();
            let sent = newest.clone().find(|one| !one.buttons().is_empty());
            let mid = match body["mid"].as_str() {
                Some("{mid}") => sent.map(|message| message.mid.clone()),
                Some("{own}") => newest.clone().next().map(|message| message.mid.clone()),
                _ => None,
            };
            if let Some(mid) = mid {
                body["mid"] = json!(mid);
            }
        }
        let template = template(&described.document, &path);
        let operation = &described.document["paths"][&template][asked.0];
        assert!(
            operation.is_object(),
            "{} {template} is not described",
            asked.0
        );
        tried.insert(format!("{} {template}", asked.0));
        let wanted = &operation["requestBody"]["content"]["application/json"]["schema"];
        if let Some(body) = asked.2.as_ref().filter(|_| asked.3 == 200) {
            let fits = described.misfit(wanted, body, "the request");
            assert_eq!(fits, Ok(()), "{template}");
        }
        let mut answer = ask(&sim, &asked, &path).await;
        let status = answer.status().as_u16();
        let answers = &operation["responses"][status.to_string()]["content"];
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        let kind = kind.split(';').next().unwrap();
        let text = match kind {
            "text/event-stream" => {
                let chunk = answer.chunk().await.unwrap().unwrap();
                String::from_utf8(chunk.to_vec()).unwrap()
            }
            _ => answer.text().await.unwrap(),
        };
        assert_eq!(status, asked.3, "{} {path}: {text}", asked.0);
        let schema = &answers[kind]["schema"];
        assert!(
            schema.is_object(),
            "{template}: {status} {kind} is not described"
        );
        if kind == "application/json" {
            let body = serde_json::from_str(&text).unwrap();
            let fits = described.misfit(schema, &body, "the answer");
            assert_eq!(fits, Ok(()), "{template}");
        }
    }
    let paths = described.document["paths"].as_object().unwrap();
    let all: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{method} {path}"))
        })
        .collect();
    assert_eq!(all, tried, "everything that is described was tried");
}

#[tokio::test]
async fn every_route_is_described() {
    let sim = Simulator::builder().start().await.unwrap();
    let document = http::get(format!("{}control/openapi.json", sim.page_url())).await;
    let document: Value = document.unwrap().json().await.unwrap();
    let router = include_str!("../../../src/server/control_api/mod.rs");
    let mut routes: Vec<_> = router
        .split(".route(")
        .skip(1)
        // These answer every other path with an error.
        .filter(|rest| !rest.contains("any(response::nothing_here)"))
        .map(|rest| rest.split('"').nth(1).unwrap())
        .collect();
    assert!(routes.len() > 10, "{routes:?}");
    // The document lists each action as a separate path.
    routes.retain(|route| *route != "/control/actions/{action}");
    for route in routes {
        assert!(
            document["paths"][route].is_object(),
            "{route} is not described"
        );
    }
    let url = format!("{}control/actions/dance", sim.page_url());
    let dance = Client::new().post(url).json(&json!({"person": "1"}));
    let answer: Value = dance.send().await.unwrap().json().await.unwrap();
    // It says what there is instead.
    let acts: Vec<_> = answer["error"].as_str().unwrap().split('`').collect();
    let acts: Vec<_> = acts
        .into_iter()
        .skip(1)
        .step_by(2)
        .filter(|act| *act != "dance")
        .collect();
    assert!(acts.len() > 20, "{answer}");
    for act in acts {
        let path = format!("/control/actions/{act}");
        assert!(
            document["paths"][&path].is_object(),
            "{path} is not described"
        );
    }
}
