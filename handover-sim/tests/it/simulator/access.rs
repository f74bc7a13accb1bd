//! Which pages of the web may use the simulator: its page, the control API, the Graph API and uploads.

use handover_sim::{SimulatedApp, Simulator};
use handover_testkit::http::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE};

const APP_TOKEN: &str = "1517776481860111%7Csecret";

/// Headers of requests that the page of another website sends.
const FOREIGN: [&[(&str, &str)]; 5] = [
    &[("origin", "https://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://localhost:3000")],
    &[
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "no-cors"),
    ],
    &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
];

fn request(
    sim: &Simulator,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> RequestBuilder {
    let url = format!("{}{path}", sim.page_url().trim_end_matches('/'));
    let request = Client::new().request(method, url);
    headers.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    })
}

/// The status of a request with these headers.
async fn ask(sim: &Simulator, path: &str, headers: &[(&str, &str)]) -> u16 {
    let request = request(sim, Method::GET, path, headers);
    request.send().await.unwrap().status().as_u16()
}

/// The app has an uploaded image, and Ana has written to it.
async fn simulator_with_upload() -> Simulator {
    let app = SimulatedApp::new(BOT, "Bot")
        .secret("secret")
        .token("token");
    let sim = Simulator::builder().page(PAGE, "Kaffeehaus").app(app);
    let sim = sim.start().await.unwrap();
    let ana = sim.person("Ana");
    ana.says("hello").await.unwrap();
    let form = format!(
        "--x\r\ncontent-disposition: form-data; name=\"recipient\"\r\n\r\n{{\"id\":\"{}\"}}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\n\
         {{\"attachment\":{{\"type\":\"image\",\"payload\":{{}}}}}}\r\n\
         --x\r\ncontent-disposition: form-data; name=\"filedata\"; filename=\"a.png\"\r\n\
         content-type: image/png\r\n\r\nimage\r\n--x--\r\n",
        ana.id(),
    );
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    let sent = request(&sim, Method::POST, "/me/messages?access_token=token", &kind);
    let sent = sent.body(form).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    sim
}

/// Requires the Graph API's form of a refusal.
async fn assert_graph_error(response: Response, hint: &str) {
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=UTF-8"
    );
    let body: Value = response.json().await.unwrap();
    let error = &body["error"];
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("OAuthException"), &json!(10)),
        "{body}"
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("(#10) ") && message.contains(hint),
        "{body}"
    );
    assert!(error["fbtrace_id"].is_string(), "{body}");
}

#[tokio::test]
async fn a_website_whose_name_points_here_reads_nothing() {
    let sim = Simulator::builder().start().await.unwrap();
    for path in [
        "/",
        "/control/state",
        "/control/threads",
        "/control/openapi.json",
    ] {
        for host in [
            "evil.example:8090",
            "evil.example",
            "127.0.0.1.nip.io",
            "my.tunnel.dev",
        ] {
            assert_eq!(
                ask(&sim, path, &[("host", host)]).await,
                403,
                "{path} {host}"
            );
        }
        for host in [
            "localhost:8090",
            "127.0.0.1",
            "[::1]:8090",
            "simulator:8090",
            "host.docker.internal",
        ] {
            assert_eq!(
                ask(&sim, path, &[("host", host)]).await,
                200,
                "{path} {host}"
            );
        }
    }
}

#[tokio::test]
async fn the_graph_api_is_closed_to_a_website_whose_name_points_here() {
    let sim = simulator_with_upload().await;
    let conversations = "/v26.0/me/conversations?access_token=token";
    for host in ["evil.example:8090", "127.0.0.1.nip.io"] {
        let asked = request(&sim, Method::GET, conversations, &[("host", host)]);
        assert_graph_error(asked.send().await.unwrap(), "--allow-host").await;
        let upload = ask(&sim, "/control/uploads/1", &[("host", host)]).await;
        assert_eq!(upload, 403, "{host}");
    }
    // A bot on this machine, or in a container beside the simulator's.
    for host in [
        "127.0.0.1:8090",
        "[::1]:8090",
        "localhost:8090",
        "simulator:8090",
        "host.docker.internal:8090",
    ] {
        let headers = [("host", host)];
        assert_eq!(ask(&sim, conversations, &headers).await, 200, "{host}");
        let upload = ask(&sim, "/control/uploads/1", &headers).await;
        assert_eq!(upload, 200, "{host}");
    }
}

#[tokio::test]
async fn the_page_of_another_website_cannot_call_the_graph_api() {
    let sim = simulator_with_upload().await;
    let evil = Bot::start().await;
    let subscribe = format!(
        "/{BOT}/subscriptions?access_token={APP_TOKEN}&object=page&fields=messages\
         &callback_url={}&verify_token=x",
        evil.webhook()
    );
    let batch =
        "/?access_token=token&batch=%5B%7B%22method%22:%22GET%22,%22relative_url%22:%22me%22%7D%5D";
    let form = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    for headers in FOREIGN.into_iter().chain([form.as_slice()]) {
        for path in [&*subscribe, batch] {
            let sent = request(&sim, Method::POST, path, headers);
            let sent = sent.header("content-type", "application/x-www-form-urlencoded");
            assert_graph_error(sent.send().await.unwrap(), "another website").await;
        }
    }
    assert!(evil.requests().is_empty(), "no callback was verified");
    for headers in FOREIGN {
        let asked = request(&sim, Method::GET, "/me?access_token=token", headers);
        assert_graph_error(asked.send().await.unwrap(), "another website").await;
        let upload = ask(&sim, "/control/uploads/1", headers).await;
        assert_eq!(upload, 403, "{headers:?}");
    }
    // A bot sends no such headers, and Node's `fetch` only the mode.
    for headers in [[].as_slice(), &[("sec-fetch-mode", "cors")]] {
        let called = request(&sim, Method::POST, batch, headers);
        assert_eq!(called.send().await.unwrap().status(), 200, "{headers:?}");
    }
    // A link opens what was uploaded, from a page at another address of the simulator as well.
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    assert_eq!(ask(&sim, "/control/uploads/1", &link).await, 200);
}

#[tokio::test]
async fn the_page_of_another_website_cannot_act() {
    let sim = Simulator::builder().start().await.unwrap();
    for headers in FOREIGN {
        assert_eq!(
            ask(&sim, "/control/state", headers).await,
            403,
            "{headers:?}"
        );
        let act = request(&sim, Method::POST, "/control/actions/say", headers);
        let acted = act.json(&json!({})).send().await.unwrap();
        assert_eq!(acted.status(), 403, "{headers:?}");
    }
    // A link opens the page.
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    assert_eq!(ask(&sim, "/", &link).await, 200);
}

#[tokio::test]
async fn a_name_that_is_allowed_reaches_the_page_and_the_graph_api() {
    let sim = Simulator::builder()
        .allow_host("my.tunnel.dev")
        .start()
        .await
        .unwrap();
    assert_eq!(ask(&sim, "/", &[("host", "my.tunnel.dev")]).await, 200);
    assert_eq!(
        ask(&sim, "/control/state", &[("host", "My.Tunnel.dev:443")]).await,
        200
    );
    let allowed = [("host", "my.tunnel.dev")];
    assert_eq!(ask(&sim, "/v26.0/me", &allowed).await, 400, "no token");
    for path in ["/", "/v26.0/me"] {
        assert_eq!(ask(&sim, path, &[("host", "other.tunnel.dev")]).await, 403);
    }
}
