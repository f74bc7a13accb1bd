//! The Graph API as the bot would call it.

use std::str::ParseBoolError;

use handover::graph::{Graph, GraphError, GraphSettings};
use handover_runtime::shared::{proving_graph, without_password};
use thiserror::Error;
use url::Url;

use crate::environment::{ACCESS_TOKEN, CliEnvironment, PAGE_ID, VariableError};

const PROOF: &str = "GRAPH_API_APPSECRET_PROOF";

/// Why the Graph API cannot be called with the bot's variables.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error(transparent)]
    Variable(#[from] VariableError),
    #[error(
        "GRAPH_API_URL=`{}` is not an address: {source}",
        without_password(url)
    )]
    Url {
        url: String,
        source: url::ParseError,
    },
    #[error("GRAPH_API_APPSECRET_PROOF=`{text}`: {source}")]
    Proof {
        text: String,
        source: ParseBoolError,
    },
    #[error(transparent)]
    Settings(#[from] GraphError),
}

/// The settings for a Page and its token.
pub(crate) fn settings(
    environment: &CliEnvironment,
    page: &str,
    token: &str,
) -> Result<GraphSettings, SettingsError> {
    let mut settings = GraphSettings::new(page, token);
    if let Some(url) = url(environment)? {
        settings = settings.base_url(url);
    }
    if let Some(version) = environment.get("GRAPH_API_VERSION")? {
        settings = settings.version(version);
    }
    Ok(settings)
}

/// A client that proves its calls with the app secret, as the bot does. Without the secret, it cannot.
pub(crate) fn connect(
    environment: &CliEnvironment,
    settings: GraphSettings,
) -> Result<Graph, SettingsError> {
    let proof = environment.get(PROOF)?.map(|text| match text.parse() {
        Ok(proof) => Ok(proof),
        Err(source) => Err(SettingsError::Proof { text, source }),
    });
    let proof = proof.transpose()?;
    let secret = match environment.app_secret() {
        Ok(secret) => secret,
        Err(VariableError::Missing(_)) if proof != Some(true) => String::new(),
        Err(unset) => return Err(unset.into()),
    };
    Ok(proving_graph(settings, secret, proof)?)
}

/// The client for the Page of the variables.
pub(crate) fn graph(environment: &CliEnvironment) -> Result<Graph, SettingsError> {
    let page = environment.require(PAGE_ID)?;
    let token = environment.require(ACCESS_TOKEN)?;
    connect(environment, settings(environment, &page, &token)?)
}

/// The value of `GRAPH_API_URL`.
pub(crate) fn url(environment: &CliEnvironment) -> Result<Option<Url>, SettingsError> {
    let Some(url) = environment.get("GRAPH_API_URL")? else {
        return Ok(None);
    };
    match url.parse() {
        Ok(parsed) => Ok(Some(parsed)),
        Err(source) => Err(SettingsError::Url { url, source }),
    }
}
