//! The Graph API as the bot would call it.

use handover::graph::{Graph, GraphError, GraphSettings};
use thiserror::Error;
use url::Url;

use crate::environment::{CliEnvironment, MissingVariable};

/// Why the Graph API cannot be called with the bot's variables.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error(transparent)]
    Missing(#[from] MissingVariable),
    #[error("GRAPH_API_URL=`{url}` is not an address: {source}")]
    Url {
        url: String,
        source: url::ParseError,
    },
    #[error(transparent)]
    Settings(#[from] GraphError),
}

pub(crate) fn settings(environment: &CliEnvironment) -> Result<GraphSettings, SettingsError> {
    let page = environment.require("MESSENGER_PAGE_ID")?;
    let token = environment.require("MESSENGER_ACCESS_TOKEN")?;
    let mut settings = GraphSettings::new(page, token);
    if let Some(url) = url(environment)? {
        settings = settings.base_url(url);
    }
    if let Some(version) = environment.get("GRAPH_API_VERSION") {
        settings = settings.version(version);
    }
    if environment.get("GRAPH_API_APPSECRET_PROOF").as_deref() == Some("true") {
        settings = settings.appsecret_proof_key(environment.app_secret()?);
    }
    Ok(settings)
}

pub(crate) fn graph(environment: &CliEnvironment) -> Result<Graph, SettingsError> {
    Ok(Graph::new(settings(environment)?)?)
}

/// The value of `GRAPH_API_URL`.
pub(crate) fn url(environment: &CliEnvironment) -> Result<Option<Url>, SettingsError> {
    let Some(url) = environment.get("GRAPH_API_URL") else {
        return Ok(None);
    };
    match url.parse() {
        Ok(parsed) => Ok(Some(parsed)),
        Err(source) => Err(SettingsError::Url { url, source }),
    }
}
