//! Whether the bot's variables are set.

use url::Url;

use super::finding::Finding;
use crate::environment::CliEnvironment;

/// What the platform is asked with.
pub(super) struct Configuration {
    pub(super) page: String,
    pub(super) token: String,
    pub(super) app: String,
    pub(super) secret: String,
    pub(super) graph_url: Url,
    pub(super) version: String,
    /// Whether calls carry an `appsecret_proof`.
    pub(super) proof: bool,
}

impl Configuration {
    /// The token of the app itself.
    pub(super) fn app_token(&self) -> String {
        format!("{}|{}", self.app, self.secret)
    }
}

/// Nothing, if too little is set for asking anybody.
pub(super) fn examine(
    environment: &CliEnvironment,
    findings: &mut Vec<Finding>,
) -> Option<Configuration> {
    let mut missing = |name| {
        let value = match name {
            "MESSENGER_APP_SECRET" => environment.app_secret(),
            name => environment.require(name),
        };
        value.map_err(|error| {
            findings.push(Finding::fault(
                "configuration",
                error.to_string(),
                "the bot does not start without it",
                "copy `.env.example` to `.env` and fill it in",
            ));
        })
    };
    let [page, token, app, secret, _] = [
        "MESSENGER_PAGE_ID",
        "MESSENGER_ACCESS_TOKEN",
        "MESSENGER_APP_ID",
        "MESSENGER_APP_SECRET",
        "MESSENGER_VERIFY_TOKEN",
    ]
    .map(&mut missing);
    let url = environment
        .get("GRAPH_API_URL")
        .unwrap_or_else(|| "https://graph.facebook.com".to_owned());
    let graph_url = url.parse().map_err(|error| {
        findings.push(Finding::fault(
            "configuration",
            format!("GRAPH_API_URL=`{url}` is no address: {error}"),
            "the bot does not start with it",
            "leave it out, or write an address such as https://graph.facebook.com",
        ));
    });
    let all = (page, token, app, secret, graph_url);
    let (Ok(page), Ok(token), Ok(app), Ok(secret), Ok(graph_url)) = all else {
        return None;
    };
    if findings.is_empty() {
        findings.push(Finding::good(
            "configuration",
            format!("Page {page}, app {app}, at {graph_url}"),
        ));
    }
    Some(Configuration {
        page,
        token,
        app,
        secret,
        graph_url,
        version: environment
            .get("GRAPH_API_VERSION")
            .unwrap_or_else(|| "v26.0".to_owned()),
        proof: environment.get("GRAPH_API_APPSECRET_PROOF").as_deref() == Some("true"),
    })
}
