//! Thread control on WhatsApp, a separate API at its own address.

use std::fmt;
use std::time::Duration;

use handover_protocol::{WhatsAppThreadControl, WhatsAppThreadControlAnswer};
use hyper::Uri;
use hyper::header::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::answer::{self, SuccessResponse};
use super::credentials::Credentials;
use super::error::GraphError;
use super::request::{PreparedRequest, RequestBody};
use super::routing::{Endpoint, with_query};
use super::settings::{self, GraphSettings};
use crate::http::HttpClient;

/// Address of the platform.
const BASE_URL: &str = "https://api.facebook.com";

/// Supported version.
const API_VERSION: &str = "1.0.0";

/// Thread control for one phone number on WhatsApp, between Meta's Business Agent and the escalation partner.
/// Early access: follows the documentation of WhatsApp's partners.
///
/// No call returns who controls a thread; the webhook does:
/// [`WhatsAppEvent`](handover_protocol::WhatsAppEvent).
///
/// ```no_run
/// use handover_protocol::WhatsAppThreadControl;
/// use handover_runtime::graph::WhatsApp;
///
/// # async fn example() -> Result<(), handover_runtime::graph::GraphError> {
/// let whatsapp = WhatsApp::new("106540352242922", "an access token")?;
/// whatsapp.thread_control(&WhatsAppThreadControl::pass_to_agent("15551234567")).await?;
/// # Ok(())
/// # }
/// ```
pub struct WhatsApp {
    http: HttpClient,
    timeout: Duration,
    thread_control: Uri,
    credentials: Credentials,
}

impl WhatsApp {
    /// Creates a client for the phone number with this id. Does not connect.
    ///
    /// # Errors
    ///
    /// [`GraphError::Settings`] names the wrong setting and the reason.
    pub fn new(
        phone_number_id: &str,
        access_token: impl Into<SecretString>,
    ) -> Result<Self, GraphError> {
        #[expect(clippy::expect_used, reason = "a constant of ours, used by the tests")]
        let base_url = Url::parse(BASE_URL).expect("the base URL is a URL");
        Self::at(base_url, phone_number_id, access_token)
    }

    /// Creates a client for a stub of the platform.
    ///
    /// # Errors
    ///
    /// See [`new`](Self::new).
    pub fn at(
        base_url: Url,
        phone_number_id: &str,
        access_token: impl Into<SecretString>,
    ) -> Result<Self, GraphError> {
        let settings = GraphSettings {
            base_url,
            ..GraphSettings::new(phone_number_id, access_token)
        };
        settings.check_server()?;
        settings::check_phone_number(&settings.page_id, &settings.access_token)?;
        let endpoint = Endpoint::WhatsAppThreadControl;
        let url = endpoint.url(&settings.base_url, "", phone_number_id);
        Ok(Self {
            http: settings.http()?,
            timeout: settings.timeout,
            thread_control: with_query(endpoint, url, [])?,
            credentials: Credentials::new(settings.access_token, None)?,
        })
    }

    /// Passes, takes or releases control of a thread.
    ///
    /// # Errors
    ///
    /// See [`GraphError`]. Taking is for the escalation partner only (subcode or code 2494191).
    pub async fn thread_control(&self, request: &WhatsAppThreadControl) -> Result<(), GraphError> {
        let endpoint = Endpoint::WhatsAppThreadControl;
        request.check()?;
        let prepared = PreparedRequest {
            endpoint,
            uri: self.thread_control.clone(),
            content: Some(RequestBody::json(endpoint, request)?),
            condition: None,
            within: self.timeout,
        };
        let http = || {
            let mut http = prepared.http(&self.credentials);
            let version = HeaderValue::from_static(API_VERSION);
            http.headers_mut().insert("x-api-version", version);
            http
        };
        let answer = self.http.exchange(http, prepared.within).await;
        let answer = answer::received(endpoint, answer)?;
        let answer = SuccessResponse::read(endpoint, answer, &self.credentials)?;
        let WhatsAppThreadControlAnswer { .. } = answer.value(&self.credentials)?;
        Ok(())
    }
}

impl fmt::Debug for WhatsApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhatsApp")
            .field("thread_control", &self.thread_control)
            .finish_non_exhaustive()
    }
}
