//! Which pages of the web may use the page and the control API.

use handover_sim::Simulator;
use handover_testkit::http::Client;

/// The status of a request with these headers.
async fn ask(sim: &Simulator, path: &str, headers: &[(&str, &str)]) -> u16 {
    let url = format!("{}{path}", sim.page_url().trim_end_matches('/'));
    let request = headers
        .iter()
        .fold(Client::new().get(url), |request, (name, value)| {
            request.header(*name, *value)
        });
    request.send().await.unwrap().status().as_u16()
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
    // Bots call the Graph API under whatever name they know.
    let graph = ask(&sim, "/v26.0/me", &[("host", "graph.example.com")]).await;
    assert_ne!(graph, 403);
}

#[tokio::test]
async fn the_page_of_another_website_cannot_act() {
    let sim = Simulator::builder().start().await.unwrap();
    for headers in [
        [("origin", "https://evil.example")].as_slice(),
        &[("origin", "null")],
        &[("origin", "http://localhost:3000")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors"),
        ],
    ] {
        assert_eq!(
            ask(&sim, "/control/state", headers).await,
            403,
            "{headers:?}"
        );
        let url = format!("{}control/actions/person_says", sim.page_url());
        let request = Client::new().post(url).json(&serde_json::json!({}));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        assert_eq!(request.send().await.unwrap().status(), 403, "{headers:?}");
    }
    // A link opens the page.
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
    ];
    assert_eq!(ask(&sim, "/", &link).await, 200);
}

#[tokio::test]
async fn a_name_that_is_allowed_reaches_the_page() {
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
    assert_eq!(ask(&sim, "/", &[("host", "other.tunnel.dev")]).await, 403);
}
