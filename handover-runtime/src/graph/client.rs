//! The client: every request to the Graph API starts here.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use handover_protocol::{AccountId, Object, PersonId, SendRequest, SendResponse};
use hyper::Uri;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::answer::{self, AnySuccess, SuccessResponse};
use super::call::{Call, CallResponse};
use super::credentials::Credentials;
use super::error::GraphError;
use super::metrics::GraphMetrics;
use super::request::{PreparedRequest, Request};
use super::routing::{Endpoint, below, with_query};
use super::settings::{self, GraphSettings};
use super::{timeout, usage};
use crate::http::{HttpClient, HttpResponse, SendCondition};
use crate::opaque_arc::OpaqueArc;
use crate::recording::{GraphCallRecord, Recorder};
use crate::secrets::Secrets;

/// Future of a call.
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
    connection: OpaqueArc<TransportInner>,
    product: Object,
    /// The account as its webhooks name it, if that is not the Page.
    account: Option<AccountId>,
    observer: Option<Arc<dyn SendObserver>>,
    /// What has to hold when a call is written.
    condition: Option<SendCondition>,
}

/// Future of [`SendObserver::was_sent`].
pub(crate) type SendFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Observes every message that a client sends.
pub(crate) trait SendObserver: Send + Sync {
    /// A message is about to be sent. Returns a number for it.
    fn begins(&self, request: &SendRequest) -> u64;

    /// The message was certainly not sent.
    fn was_not_sent(&self, number: u64);

    /// The message was sent with this id, to this person if known.
    fn was_sent<'a>(
        &'a self,
        number: u64,
        accounts: Vec<AccountId>,
        person: Option<PersonId>,
        mid: String,
    ) -> SendFuture<'a>;
}

/// Connection to the Graph API, for any account. Cheap to clone.
#[derive(Clone)]
pub(crate) struct GraphTransport {
    http: HttpClient,
    timeout: Duration,
    /// The base URL with the version.
    root: Url,
    proof: ProofKey,
    metrics: Option<GraphMetrics>,
    recorder: Option<Recorder>,
}

/// The app secret with which calls are proved.
#[derive(Clone)]
enum ProofKey {
    None,
    Always(SecretString),
    /// That of now, as long as the platform accepts the proof.
    WhileAccepted(Secrets),
    /// That of now.
    Current(Secrets),
}

struct TransportInner {
    transport: GraphTransport,
    page_id: AccountId,
    proven: RwLock<Arc<ProvenCredentials>>,
    /// Used share of a limit, in percent, from the last response that contained it.
    usage: AtomicU8,
    /// Whether its account is not spoken for any more.
    is_revoked: AtomicBool,
}

/// Credentials, and what is made of them.
struct ProvenCredentials {
    credentials: Credentials,
    /// With which secret they are proved.
    key: Option<SecretString>,
    /// Address of nearly all calls.
    messages: Uri,
}

impl ProofKey {
    fn now(&self) -> Option<SecretString> {
        match self {
            Self::None => None,
            Self::Always(key) => Some(key.clone()),
            Self::WhileAccepted(secrets) | Self::Current(secrets) => Some(secrets.app_secret()),
        }
    }
}

impl Graph {
    /// Creates a client. Does not connect.
    ///
    /// # Errors
    ///
    /// [`GraphError::Settings`] names the wrong setting and the reason.
    pub fn new(settings: GraphSettings) -> Result<Self, GraphError> {
        GraphTransport::new(&settings)?.to(settings.page_id, settings.access_token)
    }

    /// Returns a client for another Page that shares the connections.
    ///
    /// # Errors
    ///
    /// If the id or the token is malformed.
    pub fn for_page(
        &self,
        page_id: impl Into<AccountId>,
        access_token: impl Into<SecretString>,
    ) -> Result<Self, GraphError> {
        let transport = self.connection.transport.clone();
        Ok(Self {
            observer: self.observer.clone(),
            condition: self.condition.clone(),
            ..transport.to(page_id.into(), access_token.into())?
        })
    }

    /// The same client, whose calls carry an `appsecret_proof`.
    pub(crate) fn proved_by(&self, app_secret: &SecretString) -> Result<Self, GraphError> {
        let connection = &self.connection;
        let mut transport = connection.transport.clone();
        transport.proof = ProofKey::Always(app_secret.clone());
        let token = connection.proven().credentials.token();
        transport.to(connection.page_id.clone(), token)
    }

    /// Returns a client for the threads of this account, with an observer of its messages.
    pub(crate) fn observed(
        &self,
        account: &AccountId,
        product: Object,
        observer: Arc<dyn SendObserver>,
        condition: Option<SendCondition>,
    ) -> Self {
        Self {
            connection: self.connection.clone(),
            product,
            account: Some(account.clone()),
            observer: Some(observer),
            condition,
        }
    }

    /// Returns a client whose calls are made only if this holds when they are written; otherwise they are
    /// [`GraphError::LeaseEnded`].
    pub(crate) fn only_if(self, condition: Option<SendCondition>) -> Self {
        Self { condition, ..self }
    }

    /// Returns a client for the threads of another product. With [`Object::Instagram`], calls are checked
    /// against the limits of Instagram.
    #[must_use]
    pub fn for_product(&self, product: Object) -> Self {
        Self {
            product,
            ..self.clone()
        }
    }

    /// Whether the client has this Page and this token.
    pub(crate) fn is_of(&self, page_id: &AccountId, access_token: &SecretString) -> bool {
        let connection = &self.connection;
        connection.page_id == *page_id && connection.proven().credentials.are_of(access_token)
    }

    pub(crate) fn has_token_of(&self, other: &Self) -> bool {
        let other = other.connection.proven();
        self.connection
            .proven()
            .credentials
            .are_as(&other.credentials)
    }

    /// By what its token is recognised, without saying what it is.
    pub(crate) fn token_digest(&self) -> String {
        self.connection.proven().credentials.digest()
    }

    /// Nothing more is sent with its token, by any clone.
    pub(crate) fn revoke(&self) {
        self.connection.is_revoked.store(true, Ordering::Relaxed);
    }

    /// The Page of the client.
    #[must_use]
    pub fn page_id(&self) -> &AccountId {
        &self.connection.page_id
    }

    /// Makes a call, after checking it against the limits of the product.
    ///
    /// # Errors
    ///
    /// [`GraphError`] shows whether the call may have been carried out, and what to do.
    pub async fn execute(&self, call: &Call) -> Result<CallResponse, GraphError> {
        call.check(&self.product)?;
        match call {
            Call::Messages(request) => self.send_observed(request).await.map(CallResponse::Sent),
            Call::PassThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::TakeThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::RequestThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::ReleaseThreadControl(request) => self.control(call.endpoint(), request).await,
            Call::ExtendThreadControl(request) => self.control(call.endpoint(), request).await,
        }
    }

    async fn send_observed(&self, request: &SendRequest) -> Result<SendResponse, GraphError> {
        let says_something = request.message.is_some() || request.template.is_some();
        let observer = self.observer.as_ref().filter(|_| says_something);
        let Some(observer) = observer else {
            return self.post_message(request).await;
        };
        let number = observer.begins(request);
        let answer = self.post_message(request).await;
        match &answer {
            Ok(sent) => {
                let person = sent
                    .recipient_id
                    .clone()
                    .or_else(|| request.recipient.id.clone());
                self.note_sent(number, person, sent.message_id.clone())
                    .await;
            }
            Err(error) if error.may_have_been_delivered() => {}
            Err(_) => observer.was_not_sent(number),
        }
        answer
    }

    /// Notifies the observer of a sent message.
    pub(super) async fn note_sent(
        &self,
        number: u64,
        person: Option<PersonId>,
        mid: Option<String>,
    ) {
        if let (Some(observer), Some(mid)) = (&self.observer, mid) {
            let accounts = [Some(self.page_id()), self.account.as_ref()];
            let mut accounts: Vec<_> = accounts.into_iter().flatten().cloned().collect();
            accounts.dedup();
            observer.was_sent(number, accounts, person, mid).await;
        }
    }

    /// How long to pause because a limit is nearly used up. Counts once per response.
    pub(crate) fn pause_for_usage(&self) -> Option<Duration> {
        match self.connection.usage.swap(0, Ordering::Relaxed) {
            95.. => Some(Duration::from_secs(60)),
            75.. => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    async fn control(
        &self,
        endpoint: Endpoint,
        request: &impl Serialize,
    ) -> Result<CallResponse, GraphError> {
        self.post::<AnySuccess>(endpoint, request)
            .await
            .map(|AnySuccess| CallResponse::Done)
    }

    fn post_message(
        &self,
        request: &SendRequest,
    ) -> impl Future<Output = Result<SendResponse, GraphError>> + Send {
        let post = self.request(Endpoint::Messages).json(request);
        post.at_least(timeout::of_message(request)).answer()
    }

    fn post<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        body: &impl Serialize,
    ) -> impl Future<Output = Result<T, GraphError>> + Send {
        self.request(endpoint).json(body).answer()
    }

    pub(super) fn request(&self, endpoint: Endpoint) -> Request<'_> {
        Request::new(self, endpoint)
    }

    pub(crate) fn product(&self) -> &Object {
        &self.product
    }

    pub(super) async fn exchange<T: DeserializeOwned>(
        &self,
        request: Request<'_>,
    ) -> Result<T, GraphError> {
        let (endpoint, began) = (request.endpoint, Instant::now());
        let answer = self.answered(request).await;
        let answer = answer.and_then(|(answer, proven)| answer.value(&proven.credentials));
        if let Some(metrics) = &self.connection.transport.metrics {
            metrics.answered(endpoint, answer.as_ref().err(), began.elapsed());
        }
        answer
    }

    /// The response, and the credentials of the request. Compiled once, whatever the call returns.
    async fn answered(
        &self,
        request: Request<'_>,
    ) -> Result<(SuccessResponse, Arc<ProvenCredentials>), GraphError> {
        let endpoint = request.endpoint;
        let connection = &*self.connection;
        let mut proven = connection.proven();
        let mut prepared = self.prepare(request, &proven)?;
        loop {
            let http = || prepared.http(&proven.credentials);
            let answer = connection.transport.http.exchange(http, prepared.within);
            let recorder = connection.transport.recorder.as_ref();
            let begun = recorder.map(|recorder| (recorder, recorder.now(), Instant::now()));
            let answer = answer::received(endpoint, answer.await);
            if let Some((recorder, at, began)) = begun {
                recorder.call(GraphCallRecord {
                    at,
                    took: began.elapsed(),
                    account: connection.page_id.to_string(),
                    ..prepared.record(answer.as_ref().ok())
                });
            }
            let answer = answer.and_then(|it| self.read(endpoint, it, &proven.credentials));
            if matches!(&answer, Err(error) if error.is_about_proof()) {
                // Nothing was done, so it is asked again as soon as there is another proof.
                if let Some((other, uri)) = connection.prove_otherwise(&proven, &prepared.uri) {
                    (proven, prepared.uri) = (other, uri);
                    continue;
                }
            }
            return answer.map(|answer| (answer, proven));
        }
    }

    fn prepare(
        &self,
        request: Request<'_>,
        proven: &ProvenCredentials,
    ) -> Result<PreparedRequest, GraphError> {
        let connection = &*self.connection;
        if connection.is_revoked.load(Ordering::Relaxed) {
            return Err(GraphError::Revoked);
        }
        // Also of a request without a body, which would be written without asking.
        if self.condition.as_ref().is_some_and(|holds| !holds()) {
            return Err(GraphError::LeaseEnded);
        }
        let endpoint = request.endpoint;
        let within = connection.transport.timeout.max(request.at_least);
        Ok(PreparedRequest {
            endpoint,
            uri: connection.uri(&request, proven)?,
            content: request.content?,
            condition: self.condition.clone(),
            within,
        })
    }

    fn read(
        &self,
        endpoint: Endpoint,
        answer: HttpResponse,
        credentials: &Credentials,
    ) -> Result<SuccessResponse, GraphError> {
        let connection = &*self.connection;
        tracing::debug!(%endpoint, status = answer.status.as_u16(), "the Graph API answered");
        if let Some(usage) = usage::percent(&answer.headers) {
            connection.usage.store(usage, Ordering::Relaxed);
        }
        SuccessResponse::read(endpoint, answer, credentials)
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("root", &self.connection.transport.root.as_str())
            .field("page_id", &self.connection.page_id)
            .field("product", &self.product)
            .finish_non_exhaustive()
    }
}

impl GraphTransport {
    /// Creates the connection from these settings, without the Page and its token.
    pub(crate) fn new(settings: &GraphSettings) -> Result<Self, GraphError> {
        settings.check_server()?;
        Ok(Self {
            http: settings.http()?,
            timeout: settings.timeout,
            root: below(&settings.base_url, &[&settings.version]),
            proof: match &settings.appsecret_proof_key {
                Some(key) => ProofKey::Always(key.clone()),
                None => ProofKey::None,
            },
            metrics: None,
            recorder: None,
        })
    }

    pub(crate) fn counted(mut self, metrics: GraphMetrics) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Records each call and its answer.
    pub(crate) fn recorded(mut self, recorder: Option<Recorder>) -> Self {
        self.recorder = recorder;
        self
    }

    /// Proves calls with the app secret: in any case, never, or as long as the platform accepts it.
    pub(crate) fn proving(mut self, on: Option<bool>, secrets: &Secrets) -> Self {
        self.proof = match on {
            Some(true) => ProofKey::Current(secrets.clone()),
            Some(false) => ProofKey::None,
            None => ProofKey::WhileAccepted(secrets.clone()),
        };
        self
    }

    /// Returns the client of a Page.
    pub(crate) fn to(
        &self,
        page_id: AccountId,
        access_token: SecretString,
    ) -> Result<Graph, GraphError> {
        settings::check_page(&page_id, &access_token)?;
        let proven = self.proven(&page_id, access_token, self.proof.now())?;
        let connection = TransportInner {
            proven: RwLock::new(Arc::new(proven)),
            page_id,
            usage: AtomicU8::new(0),
            is_revoked: AtomicBool::new(false),
            transport: self.clone(),
        };
        Ok(Graph {
            connection: OpaqueArc::new(connection),
            product: Object::Page,
            account: None,
            observer: None,
            condition: None,
        })
    }
}

impl GraphTransport {
    fn proven(
        &self,
        page_id: &AccountId,
        access_token: SecretString,
        key: Option<SecretString>,
    ) -> Result<ProvenCredentials, GraphError> {
        let key = key.filter(|key| !key.expose_secret().is_empty());
        let credentials = Credentials::new(access_token, key.as_ref())?;
        let messages = Endpoint::Messages.url(&self.root, page_id.as_str(), "");
        let messages = with_query(Endpoint::Messages, messages, credentials.query())?;
        Ok(ProvenCredentials {
            credentials,
            key,
            messages,
        })
    }
}

impl TransportInner {
    fn proven(&self) -> Arc<ProvenCredentials> {
        let proven = self.proven.read().unwrap_or_else(PoisonError::into_inner);
        proven.clone()
    }

    /// What to try in place of a proof that was refused: one with the secret of now, or none. With the address
    /// of the request.
    fn prove_otherwise(
        &self,
        refused: &ProvenCredentials,
        uri: &Uri,
    ) -> Option<(Arc<ProvenCredentials>, Uri)> {
        let before = refused.key.as_ref()?;
        let now = self.transport.proof.now();
        let is_before = |now: &SecretString| now.expose_secret() == before.expose_secret();
        let key = match &self.transport.proof {
            ProofKey::None | ProofKey::Always(_) => return None,
            _ if !now.as_ref().is_some_and(is_before) => now,
            ProofKey::WhileAccepted(_) => {
                tracing::warn!(account = %self.page_id, "the platform refuses the appsecret_proof: the access token is of another app, or the first of MESSENGER_APP_SECRET is not the app's; calls go without it");
                None
            }
            ProofKey::Current(_) => return None,
        };
        let token = refused.credentials.token();
        let other = self.transport.proven(&self.page_id, token, key).ok()?;
        let uri = reproved(uri, other.credentials.query())?;
        let other = Arc::new(other);
        let mut proven = self.proven.write().unwrap_or_else(PoisonError::into_inner);
        *proven = other.clone();
        Some((other, uri))
    }

    fn uri(&self, request: &Request<'_>, proven: &ProvenCredentials) -> Result<Uri, GraphError> {
        let endpoint = request.endpoint;
        if endpoint == Endpoint::Messages && request.query.is_empty() {
            return Ok(proven.messages.clone());
        }
        let url = endpoint.url(&self.transport.root, self.page_id.as_str(), &request.object);
        let query = request.query.iter();
        let query = query.map(|(name, value)| (*name, value.as_str()));
        with_query(endpoint, url, query.chain(proven.credentials.query()))
    }
}

/// The same address with another proof, or none.
fn reproved(uri: &Uri, proof: Option<(&str, &str)>) -> Option<Uri> {
    let mut url = Url::parse(&uri.to_string()).ok()?;
    let pairs = url.query_pairs().into_owned();
    let others: Vec<_> = pairs
        .filter(|(name, _)| name != "appsecret_proof")
        .collect();
    url.set_query(None);
    if !others.is_empty() || proof.is_some() {
        url.query_pairs_mut()
            .extend_pairs(others)
            .extend_pairs(proof);
    }
    url.as_str().parse().ok()
}
