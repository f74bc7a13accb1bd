//! Settings of a Graph client.

use std::time::Duration;

use handover_protocol::AccountId;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::error::GraphError;
use crate::http::{HttpClient, NoTls, is_loopback};

/// Address of the platform.
pub const DEFAULT_BASE_URL: &str = "https://graph.facebook.com";

/// Supported version of the Graph API.
pub const DEFAULT_VERSION: &str = "v26.0";

/// Address, version and credentials of a Graph client.
///
/// ```
/// use handover_runtime::graph::{Graph, GraphSettings};
///
/// let settings = GraphSettings::new("104508901353867", "a Page access token");
/// let graph = Graph::new(settings.appsecret_proof_key("the app secret"))?;
/// # Ok::<(), handover_runtime::graph::GraphError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GraphSettings {
    /// Address of the Graph API: [`DEFAULT_BASE_URL`], or a stub. Has to be `https`, except on the own
    /// machine.
    ///
    /// Other machines are reached through the proxy of `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, if there
    /// is one.
    pub base_url: Url,
    /// The version, such as [`DEFAULT_VERSION`].
    pub version: String,
    /// Page id, also for the Page's Instagram threads.
    pub page_id: AccountId,
    /// Page access token. Sent in the `Authorization` header only.
    pub access_token: SecretString,
    /// App secret, to send an `appsecret_proof`: required if the app's setting "Require App Secret" is on.
    pub appsecret_proof_key: Option<SecretString>,
    /// Timeout of connecting.
    pub connect_timeout: Duration,
    /// Timeout of a whole call. Longer for a call before whose answer the platform fetches something: at least
    /// 25 seconds for a message with an attachment by URL or a template, and 90 seconds for one with a video by
    /// URL and for storing an attachment.
    pub timeout: Duration,
}

impl GraphSettings {
    /// Default settings for this Page: the platform's address, no `appsecret_proof`, 3 seconds to connect and
    /// 10 seconds for a call, longer with attachments.
    #[must_use]
    pub fn new(page_id: impl Into<AccountId>, access_token: impl Into<SecretString>) -> Self {
        Self {
            base_url: default_base_url(),
            version: DEFAULT_VERSION.to_owned(),
            page_id: page_id.into(),
            access_token: access_token.into(),
            appsecret_proof_key: None,
            connect_timeout: Duration::from_secs(3),
            timeout: Duration::from_secs(10),
        }
    }

    /// Sets the address of the Graph API. Default: [`DEFAULT_BASE_URL`].
    #[must_use]
    pub fn base_url(mut self, base_url: Url) -> Self {
        self.base_url = base_url;
        self
    }

    /// Version of the Graph API. Default: [`DEFAULT_VERSION`].
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Sets the app secret, so that calls have an `appsecret_proof`. Default: none.
    #[must_use]
    pub fn appsecret_proof_key(mut self, app_secret: impl Into<SecretString>) -> Self {
        self.appsecret_proof_key = Some(app_secret.into());
        self
    }

    /// Timeout of connecting. Default: 3 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Timeout of a whole call. Default: 10 s. Messages with attachments have longer ones, as the field says.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether the address can be used; see also [`check_page`].
    pub(super) fn check_server(&self) -> Result<(), GraphError> {
        check([
            (
                self.base_url.has_host() && self.is_private(),
                "base_url",
                "has to be https, unless it is on this machine",
            ),
            (
                self.base_url.username().is_empty()
                    && self.base_url.password().is_none()
                    && self.base_url.query().is_none()
                    && self.base_url.fragment().is_none(),
                "base_url",
                "has to be plain, like https://graph.facebook.com",
            ),
            (
                !self.names_a_version(),
                "base_url",
                "has to be without the version: remove it from the end, and set it as the version",
            ),
            (
                is_version(&self.version),
                "version",
                "has to look like v26.0",
            ),
        ])
    }

    /// Whether the address ends with a version, which would come twice.
    fn names_a_version(&self) -> bool {
        let mut segments = self.base_url.path().rsplit('/');
        segments
            .find(|segment| !segment.is_empty())
            .is_some_and(is_version)
    }

    /// Whether the connection is encrypted or local.
    fn is_private(&self) -> bool {
        match self.base_url.scheme() {
            "https" => true,
            "http" => is_loopback(&self.base_url),
            _ => false,
        }
    }

    pub(super) fn http(&self) -> Result<HttpClient, GraphError> {
        let http = HttpClient::to(&self.base_url, self.connect_timeout);
        http.map_err(|no_tls| GraphError::Settings {
            setting: "TLS",
            problem: NoTls::PROBLEM,
            source: Some(Box::new(no_tls)),
        })
    }
}

pub(super) fn check_page(
    page_id: &AccountId,
    access_token: &SecretString,
) -> Result<(), GraphError> {
    check_account(
        page_id,
        ("page_id", "has to be the id of a Page"),
        access_token,
    )
}

#[cfg(feature = "whatsapp")]
pub(super) fn check_phone_number(
    phone_number_id: &AccountId,
    access_token: &SecretString,
) -> Result<(), GraphError> {
    let problem = "has to be the id of a phone number, not the number";
    check_account(phone_number_id, ("phone_number_id", problem), access_token)
}

fn check_account(
    id: &AccountId,
    (setting, problem): (&'static str, &'static str),
    access_token: &SecretString,
) -> Result<(), GraphError> {
    check([
        (is_id(id.as_str()), setting, problem),
        (
            !access_token.expose_secret().is_empty(),
            "access_token",
            "is empty: generate one in the app's Messenger API settings",
        ),
    ])
}

fn check<const N: usize>(rules: [(bool, &'static str, &'static str); N]) -> Result<(), GraphError> {
    match rules.into_iter().find(|(kept, ..)| !kept) {
        Some((_, setting, problem)) => Err(GraphError::Settings {
            setting,
            problem,
            source: None,
        }),
        None => Ok(()),
    }
}

pub(crate) fn default_base_url() -> Url {
    #[expect(clippy::expect_used, reason = "a constant of ours, used by the tests")]
    Url::parse(DEFAULT_BASE_URL).expect("the default base URL is a URL")
}

fn is_version(version: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    version
        .strip_prefix('v')
        .and_then(|numbers| numbers.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

fn is_id(id: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !id.is_empty() && id.bytes().all(is_plain)
}
