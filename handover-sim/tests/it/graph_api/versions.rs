//! Versions of the Graph API.

use handover_testkit::http::Method;

use crate::graph_api::http::{Graph, TOKEN};

#[tokio::test]
async fn dead_versions_are_served_by_the_oldest_living_one() {
    let graph = Graph::start().await;
    for (path, version) in [
        ("/me", "v26.0"),
        ("/v26.0/me", "v26.0"),
        ("/v22.0/me", "v22.0"),
        ("/v21.0/me", "v21.0"),
        ("/v20.0/me", "v21.0"),
        ("/v2.6/me", "v21.0"),
    ] {
        let request = graph.request(Method::GET, path).bearer_auth(TOKEN);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["facebook-api-version"], version, "{path}");
    }
}

#[tokio::test]
async fn versions_that_never_were_are_unknown_paths() {
    let graph = Graph::start().await;
    for path in ["/v27.0/me", "/v26.1/me", "/v0.1/me", "/v99999999999.0/me"] {
        let request = graph.request(Method::GET, path).bearer_auth(TOKEN);
        assert_eq!(graph.refused(request).await, (2500, None), "{path}");
    }
}
