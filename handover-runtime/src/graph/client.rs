//! The client: every request to the Graph API leaves here.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, Object};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use url::Url;

use super::answer::Answer;
use super::call::{Call, CallAnswer};
use super::error::GraphError;
use super::routing::{Endpoint, below};
use super::settings::GraphSettings;

/// The future of a call that is being made.
pub type CallFuture<'graph, T> =
    Pin<Box<dyn Future<Output = Result<T, GraphError>> + Send + 'graph>>;

/// The Graph API of one Page, for its Messenger and its Instagram threads.
///
/// Cheap to clone; clones share their connections.
///
/// ```no_run
/// use handover_protocol::AppId;
/// use handover_runtime::graph::{Graph, GraphSettings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let access_token = std::env::var("MESSENGER_ACCESS_TOKEN")?;
/// let graph = Graph::new(GraphSettings::new("104508901353867", access_token))?;
/// let person = "5794982867201265".into();
/// graph.send(&person).text("One moment, a colleague is taking over.").await?;
/// graph.pass_thread_control(&person).to(AppId::PAGE_INBOX).metadata("agent").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Graph {
    connection: Arc<Connection>,
    product: Object,
}

struct Connection {
    http: reqwest::Client,
    /// The base URL with the version.
    root: Url,
    page_id: AccountId,
    access_token: SecretString,
    authorization: HeaderValue,
    appsecret_proof: Option<SecretString>,
}

impl Graph {
    /// A client with these settings. Connects to nothing yet.
    ///
    /// # Errors
    ///
    /// [`GraphError::Settings`] names the setting that cannot be used, and says why.
    pub fn new(settings: GraphSettings) -> Result<Self, GraphError> {
        settings.check()?;
        let connection = Connection {
            http: http_client(&settings)?,
            root: below(&settings.base_url, &[&settings.version]),
            authorization: bearer(&settings.access_token)?,
            appsecret_proof: settings
                .appsecret_proof_key
                .map(|key| proof(&key, &settings.access_token))
                .transpose()?,
            access_token: settings.access_token,
            page_id: settings.page_id,
        };
        Ok(Self {
            connection: Arc::new(connection),
            product: Object::Page,
        })
    }

    /// The same client for the threads of another product: with [`Object::Instagram`], calls are
    /// checked against the limits of Instagram.
    #[must_use]
    pub fn for_product(&self, product: Object) -> Self {
        Self {
            connection: Arc::clone(&self.connection),
            product,
        }
    }

    /// The Page whose threads these are.
    #[must_use]
    pub fn page_id(&self) -> &AccountId {
        &self.connection.page_id
    }

    /// Makes a call, after checking it against the limits of the product.
    ///
    /// # Errors
    ///
    /// [`GraphError`] says whether the call may have been carried out, and what to do.
    pub async fn execute(&self, call: &Call) -> Result<CallAnswer, GraphError> {
        call.check(&self.product)?;
        match call {
            Call::Messages(request) => self
                .post(call.endpoint(), request)
                .await
                .map(CallAnswer::Sent),
            Call::PassThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::TakeThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::RequestThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::ReleaseThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::ExtendThreadControl(request) => self.control(call.endpoint(), request).await,
        }
    }

    async fn control(
        &self,
        endpoint: Endpoint,
        request: &impl Serialize,
    ) -> Result<CallAnswer, GraphError> {
        self.post::<Accepted>(endpoint, request)
            .await
            .map(|Accepted| CallAnswer::Done)
    }

    async fn post<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        body: &impl Serialize,
    ) -> Result<T, GraphError> {
        let body = serde_json::to_vec(body)
            .map_err(|source| GraphError::Unwritable { endpoint, source })?;
        self.exchange(endpoint, &[], Some(body)).await
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        query: &[(&str, &str)],
    ) -> Result<T, GraphError> {
        self.exchange(endpoint, query, None).await
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<T, GraphError> {
        let connection = &*self.connection;
        let mut request = connection
            .http
            .request(endpoint.method(), connection.url(endpoint, query))
            .header(AUTHORIZATION, &connection.authorization);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = async { Answer::receive(endpoint, request.send().await?).await }
            .await
            .map_err(|error| without_answer(endpoint, error))?;
        tracing::debug!(%endpoint, status = answer.status(), "the Graph API answered");
        answer.read(|text| connection.redact(text))
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("root", &self.connection.root.as_str())
            .field("page_id", &self.connection.page_id)
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

impl Connection {
    fn url(&self, endpoint: Endpoint, query: &[(&str, &str)]) -> Url {
        let mut url = endpoint.url(&self.root, &self.page_id);
        let proof = self.appsecret_proof.as_ref();
        let proof = proof.map(|proof| ("appsecret_proof", proof.expose_secret()));
        let mut query = query.iter().copied().chain(proof).peekable();
        if query.peek().is_some() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Some messages of the platform quote the access token.
    fn redact(&self, text: &str) -> String {
        [Some(&self.access_token), self.appsecret_proof.as_ref()]
            .into_iter()
            .flatten()
            .fold(text.to_owned(), |text, secret| {
                text.replace(secret.expose_secret(), "[secret]")
            })
    }
}

/// The one place where errors of the HTTP client become ours: their URL, with its query, stays here.
fn without_answer(endpoint: Endpoint, error: reqwest::Error) -> GraphError {
    let never_sent = error.is_connect() || error.is_builder();
    let source = Box::new(error.without_url());
    if never_sent {
        GraphError::Unreachable { endpoint, source }
    } else {
        GraphError::Interrupted { endpoint, source }
    }
}

/// Any answer but an explicit no: old versions of the platform answer with more than
/// `{"success":true}`.
struct Accepted;

impl<'de> Deserialize<'de> for Accepted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        match answer.get("success") {
            Some(Value::Bool(false)) => Err(serde::de::Error::custom("no success")),
            Some(Value::String(success)) if success == "false" => {
                Err(serde::de::Error::custom("no success"))
            }
            _ => Ok(Self),
        }
    }
}

fn http_client(settings: &GraphSettings) -> Result<reqwest::Client, GraphError> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(8)
        .tcp_keepalive(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_while_idle(true);
    let builder = if settings.is_loopback() {
        // A proxy could not reach this machine's loopback.
        builder.no_proxy()
    } else {
        builder
    };
    let builder = if settings.base_url.scheme() == "https" {
        builder.https_only(true)
    } else {
        // Needs no certificates, so it works where none are installed.
        builder.tls_certs_only([])
    };
    install_tls_provider();
    builder.build().map_err(|error| GraphError::Settings {
        setting: "TLS",
        problem: "cannot be used: install the system's certificates (package ca-certificates)",
        source: Some(Box::new(error.without_url())),
    })
}

#[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
fn install_tls_provider() {
    // Fails if the program has chosen a provider already, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(not(all(feature = "tls-ring", not(feature = "tls-aws-lc"))))]
fn install_tls_provider() {}

fn bearer(access_token: &SecretString) -> Result<HeaderValue, GraphError> {
    let header = format!("Bearer {}", access_token.expose_secret());
    let mut header = HeaderValue::try_from(header).map_err(|_| GraphError::Settings {
        setting: "access_token",
        problem: "contains characters that no token has: copy it again",
        source: None,
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Proves to the platform that the caller knows the app secret: hex HMAC-SHA256 of the token.
fn proof(
    app_secret: &SecretString,
    access_token: &SecretString,
) -> Result<SecretString, GraphError> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).map_err(|error| {
            GraphError::Settings {
                setting: "appsecret_proof_key",
                problem: "cannot be used as a key",
                source: Some(Box::new(error)),
            }
        })?;
    mac.update(access_token.expose_secret().as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()).into())
}
