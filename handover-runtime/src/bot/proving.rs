//! A client of the Graph API that proves its calls as the bot does.

use secrecy::SecretString;

use crate::graph::{Graph, GraphError, GraphSettings, GraphTransport};
use crate::secrets::{SecretLists, Secrets};

/// Creates a client whose calls carry an `appsecret_proof`: in any case, never, or without a choice as long as
/// the platform accepts it.
///
/// # Errors
///
/// [`GraphError::Settings`] names the wrong setting and the reason.
pub fn proving_graph(
    settings: GraphSettings,
    app_secret: impl Into<SecretString>,
    proof: Option<bool>,
) -> Result<Graph, GraphError> {
    let secrets = Secrets::new(SecretLists {
        app_secrets: vec![app_secret.into()],
        ..Default::default()
    });
    let transport = GraphTransport::new(&settings)?.proving(proof, &secrets);
    transport.to(settings.page_id, settings.access_token)
}
