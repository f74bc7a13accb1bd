//! Whether the bot's variables are set.

use std::time::{Duration, SystemTime};

use handover::graph::{AppGraph, Graph, GraphError};
use handover::protocol::{AccountId, AppId};
use handover_runtime::shared::{with_causes, without_secret};
use url::Url;

use super::finding::Finding;
use crate::environment::CliEnvironment;
use crate::graph::{self, SettingsError};
use crate::http::CliRequest;

const CHECK: &str = "configuration";
const CLOCK: &str = "clock";

/// What is examined, and with what.
pub(super) struct Configuration {
    pub(super) page: AccountId,
    pub(super) app: AppId,
    pub(super) token: String,
    secret: String,
    /// The Graph API in the name of the Page.
    pub(super) graph: Graph,
    /// The Graph API in the name of the app.
    pub(super) app_graph: AppGraph,
    /// The address of the Graph API with the version.
    root: Url,
    timeout: Duration,
}

/// `None` if too little is set to ask anybody.
pub(super) fn examine(
    environment: &CliEnvironment,
    findings: &mut Vec<Finding>,
) -> Option<Configuration> {
    let missing = [
        "MESSENGER_PAGE_ID",
        "MESSENGER_ACCESS_TOKEN",
        "MESSENGER_APP_ID",
        "MESSENGER_APP_SECRET",
        "MESSENGER_VERIFY_TOKEN",
    ]
    .map(|name| match name {
        "MESSENGER_APP_SECRET" => environment.app_secret().err(),
        name => environment.require(name).err(),
    });
    for error in missing.into_iter().flatten() {
        findings.push(Finding::fault(
            CHECK,
            error.to_string(),
            "the bot does not start without it",
            "copy `.env.example` to `.env` and fill it in",
        ));
    }
    if let Err(error) = graph::url(environment) {
        findings.push(wrong(&error));
    }
    if !findings.is_empty() {
        return None;
    }
    match Configuration::new(environment) {
        Ok(configuration) => {
            let (page, app, root) = (&configuration.page, &configuration.app, &configuration.root);
            let what = format!("Page {page}, app {app}, at {root}");
            findings.push(Finding::good(CHECK, what));
            Some(configuration)
        }
        Err(error) => {
            findings.push(wrong(&error));
            None
        }
    }
}

fn wrong(error: &SettingsError) -> Finding {
    Finding::fault(
        CHECK,
        with_causes(error),
        "the bot does not start with it",
        "correct the variable; without GRAPH_API_URL and GRAPH_API_VERSION the platform itself is used",
    )
}

impl Configuration {
    fn new(environment: &CliEnvironment) -> Result<Self, SettingsError> {
        let app = AppId::from(environment.require("MESSENGER_APP_ID")?);
        let secret = environment.app_secret()?;
        let settings = graph::settings(environment)?;
        let (mut root, timeout) = (settings.base_url.clone(), settings.timeout);
        if let Ok(mut path) = root.path_segments_mut() {
            path.pop_if_empty().push(&settings.version);
        }
        let graph = Graph::new(settings)?;
        Ok(Self {
            page: graph.page_id().clone(),
            token: environment.require("MESSENGER_ACCESS_TOKEN")?,
            app_graph: graph.as_app(app.clone(), secret.clone())?,
            app,
            secret,
            graph,
            root,
            timeout,
        })
    }

    /// Whether anybody answers, and whether their clock agrees with this one.
    pub(super) async fn reach(&self) -> Result<Option<Finding>, Finding> {
        let response = CliRequest::get(&self.root).send(self.timeout).await;
        match response {
            Ok(response) => Ok(response.date.as_deref().and_then(clock)),
            Err(error) => Err(Finding::fault(
                "graph api",
                format!(
                    "the Graph API at {} cannot be reached: {}",
                    self.root.authority(),
                    error
                ),
                "without it the bot can neither send nor hand over",
                "check GRAPH_API_URL and the network; start the simulator, if you use it",
            )),
        }
    }

    /// The platform was asked and refused.
    pub(super) fn refused(
        &self,
        check: &'static str,
        error: &GraphError,
        fix: impl Into<String>,
    ) -> Finding {
        Finding::fault(check, self.redacted(error), "it could not be examined", fix)
    }

    /// An error in which the platform may quote what it was asked with.
    pub(super) fn redacted(&self, error: &GraphError) -> String {
        let text = with_causes(error);
        let text = without_secret(&text, &self.token);
        without_secret(&text, &self.secret)
    }
}

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_secs(60);

fn clock(date: &str) -> Option<Finding> {
    let theirs = httpdate::parse_http_date(date).ok()?;
    let apart = SystemTime::now()
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    if apart <= SKEW {
        return Some(Finding::good(CLOCK, "agrees with the platform's"));
    }
    Some(Finding::fault(
        CLOCK,
        format!("it is {} s off the platform's", apart.as_secs()),
        "the bot counts the 24-hour window, timers and thread control by it",
        "synchronize the clock of the machine: `timedatectl set-ntp true`",
    ))
}
