//! Tokens: how they come, whose they are, and how to get others.

use handover_testkit::http::Method;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::graph_api::http::{Graph, SECRET, TOKEN, form, good};
use crate::support::rules::{BOT, PAGE};

#[tokio::test]
async fn a_token_comes_in_the_header_the_query_or_the_body() {
    let graph = Graph::start().await;
    let get = |path: &str| graph.request(Method::GET, path);
    for request in [
        get("/me").bearer_auth(TOKEN),
        get("/me").header("authorization", format!("OAuth {TOKEN}")),
        get(&format!("/me?{}", form([("access_token", TOKEN)]))),
        get(&format!("/me?{}", form([("oauth_token", TOKEN)]))),
    ] {
        let answer = good(request.send().await.unwrap()).await;
        assert_eq!(answer["id"], PAGE);
    }
    let mut body = graph.hi();
    body["access_token"] = json!(TOKEN);
    let request = graph.request(Method::POST, "/me/messages").json(&body);
    good(request.send().await.unwrap()).await;
    assert_eq!(graph.refused(get("/me")).await, (190, None));
    assert_eq!(
        graph.refused(get("/me").bearer_auth("x")).await,
        (190, None)
    );
}

#[tokio::test]
async fn a_proof_has_to_be_right_and_may_be_required() {
    let graph = Graph::start().await;
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    let right = hex::encode(mac.chain_update(TOKEN).finalize().into_bytes());
    let get = |proof: &str| {
        let path = format!("/me?{}", form([("appsecret_proof", proof)]));
        graph.request(Method::GET, &path).bearer_auth(TOKEN)
    };
    good(get(&right).send().await.unwrap()).await;
    assert_eq!(graph.refused(get("00")).await, (100, None));
    graph
        .set_behavior(json!({"appsecret_proof": "required"}))
        .await;
    good(get(&right).send().await.unwrap()).await;
    let without = graph.request(Method::GET, "/me").bearer_auth(TOKEN);
    assert_eq!(graph.refused(without).await, (100, None));
}

#[tokio::test]
async fn an_apps_own_token_is_for_the_app_and_not_for_a_page() {
    let graph = Graph::start().await;
    let own = format!("{BOT}|{SECRET}");
    let post = |token: &str| {
        graph
            .request(Method::POST, &format!("/{PAGE}/messages"))
            .bearer_auth(token)
            .json(&graph.hi())
    };
    assert_eq!(graph.refused(post(&own)).await, (100, Some(33)));
    let me = graph.request(Method::GET, "/me").bearer_auth(&own);
    let me = good(me.send().await.unwrap()).await;
    assert_eq!(me, json!({"name": "Bot", "id": BOT}));
    let path = format!("/{BOT}/subscriptions");
    let page_token = graph.request(Method::GET, &path).bearer_auth(TOKEN);
    assert_eq!(graph.refused(page_token).await, (15, None));
}

#[tokio::test]
async fn a_page_token_is_for_its_page_alone() {
    let graph = Graph::start().await;
    let other = graph.request(Method::POST, "/104508901353867/messages");
    let other = other.bearer_auth(TOKEN).json(&graph.hi());
    assert_eq!(graph.refused(other).await, (100, Some(33)));
}

#[tokio::test]
async fn page_tokens_are_obtained_with_the_users_token() {
    let graph = Graph::start().await;
    let user = format!("user-{BOT}");
    let get = async |path: &str| {
        let request = graph.request(Method::GET, path).bearer_auth(&user);
        good(request.send().await.unwrap()).await
    };
    let accounts = get("/v26.0/me/accounts").await;
    assert_eq!(accounts["data"][0]["id"], PAGE);
    assert_eq!(accounts["data"][0]["access_token"], TOKEN);
    let page = get(&format!("/{PAGE}?fields=access_token")).await;
    assert_eq!(page, json!({"access_token": TOKEN, "id": PAGE}));
    let whole = serde_json::to_string(&graph.sim.timeline()).unwrap();
    assert!(!whole.contains(TOKEN), "no token in the timeline: {whole}");
    assert!(whole.contains("$ACCESS_TOKEN"));
    let send = graph.request(Method::POST, &format!("/{PAGE}/messages"));
    let send = send.bearer_auth(&user).json(&graph.hi());
    assert_eq!(graph.refused(send).await, (210, None));
}

#[tokio::test]
async fn tokens_are_exchanged_for_the_apps_secret() {
    let graph = Graph::start().await;
    let get = |grant: &str, secret: &str, token: &str| {
        let query = form([
            ("grant_type", grant),
            ("client_id", BOT.as_str()),
            ("client_secret", secret),
            ("fb_exchange_token", token),
        ]);
        graph.request(Method::GET, &format!("/oauth/access_token?{query}"))
    };
    let long_lived = good(
        get("fb_exchange_token", SECRET, TOKEN)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(long_lived["access_token"], TOKEN);
    assert_eq!(long_lived["token_type"], "bearer");
    assert!(long_lived["expires_in"].is_u64());
    let own = good(get("client_credentials", SECRET, "").send().await.unwrap()).await;
    assert_eq!(own["access_token"], format!("{BOT}|{SECRET}"));
    assert_eq!(
        graph
            .refused(get("fb_exchange_token", "wrong", TOKEN))
            .await,
        (1, None)
    );
    assert_eq!(
        graph.refused(get("fb_exchange_token", SECRET, "x")).await,
        (190, None)
    );
    assert_eq!(
        graph.refused(get("password", SECRET, "x")).await,
        (100, None)
    );
}

#[tokio::test]
async fn tokens_are_looked_into() {
    let graph = Graph::start().await;
    let own = format!("{BOT}|{SECRET}");
    let debug = async |token: &str| {
        let path = format!("/debug_token?{}", form([("input_token", token)]));
        let request = graph.request(Method::GET, &path).bearer_auth(&own);
        good(request.send().await.unwrap()).await["data"].clone()
    };
    let page = debug(TOKEN).await;
    assert_eq!(page["type"], "PAGE");
    assert_eq!(page["app_id"], BOT.as_str());
    assert_eq!(page["profile_id"], PAGE);
    assert_eq!(page["is_valid"], true);
    assert_eq!(page["granular_scopes"][0]["target_ids"], json!([PAGE]));
    assert_eq!(debug(&own).await["type"], "APP");
    let bad = debug("x").await;
    assert_eq!(bad["is_valid"], false);
    assert_eq!(bad["error"]["code"], 190);
}

#[tokio::test]
async fn neither_token_nor_secret_of_a_request_reaches_the_timeline() {
    let graph = Graph::start().await;
    let query = form([
        ("grant_type", "fb_exchange_token"),
        ("client_id", BOT.as_str()),
        ("client_secret", SECRET),
        ("fb_exchange_token", TOKEN),
    ]);
    let request = graph.request(Method::GET, &format!("/oauth/access_token?{query}"));
    good(request.send().await.unwrap()).await;
    let path = format!("/debug_token?{}", form([("input_token", TOKEN)]));
    let own = format!("{BOT}|{SECRET}");
    let request = graph.request(Method::GET, &path).bearer_auth(&own);
    good(request.send().await.unwrap()).await;
    let whole = serde_json::to_string(&graph.sim.timeline()).unwrap();
    assert!(
        !whole.contains(TOKEN) && !whole.contains("\"secret\\\""),
        "{whole}"
    );
}
