//! Where notices go.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use handover_protocol::{AccountId, Timestamp};
use hyper::Uri;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::Url;

use super::signature::{SigningKey, WrongSecret};
use super::{Notice, NoticeKind, slack};
use crate::clock::iso;
use crate::http::HttpRequest;

/// Notifies agents outside the inbox when a thread is handed over, was not answered, or is returned.
///
/// Give it to [`Bot::notify`](crate::Bot::notify), or for one account to
/// [`AccountSettings::notify`](crate::AccountSettings::notify):
///
/// ```
/// use handover_runtime::{Bot, NoticeKind, Notifier, Routes};
///
/// # fn urls() -> (String, String) { ("https://hooks.slack.com/services/T0/B0/x".into(), "https://desk.example.com/hook".into()) }
/// let (slack, desk) = urls();
/// let bot = Bot::new(Routes::default())
///     .notify(Notifier::slack(slack).only([NoticeKind::HandedOver, NoticeKind::Unclaimed]))
///     .notify(Notifier::webhook(desk, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
/// ```
///
/// - A notice is stored together with what it reports, and is delivered at least once: after a crash it
///   may come again, with the same id. Notices of one thread come in order.
/// - Calls to the platform never wait for it.
/// - It is tried again while the server cannot be reached, takes longer than 10 s, or answers 408, 425,
///   429 or 5xx: after 1 s at first, then less and less often, every 10 min at last; as `Retry-After`
///   says, where the answer has that. After 24 hours, with any other answer at once, and beyond
///   10 000 that wait, it is given up as a [dead letter](crate::journal::DeadLetterContent::Notice).
/// - A redirect is not followed. The address may be a private one. It never appears in a log.
#[derive(Clone)]
#[must_use = "give it to `Bot::notify`"]
pub struct Notifier {
    pub(super) name: Arc<str>,
    pub(super) kinds: Vec<NoticeKind>,
    url: SecretString,
    secret: Option<SecretString>,
    format: Format,
}

/// Words of a notice.
type NoticeText = Arc<dyn Fn(&Notice) -> String + Send + Sync>;

#[derive(Clone)]
enum Format {
    /// `{"text": …}`
    Chat(NoticeText),
    /// [`Notice`] as JSON.
    Json,
}

/// Why a [`Notifier`] cannot be used. Never quotes its address or secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotifierError {
    /// The address is no URL of a web server.
    #[error(
        "the address of notifier `{name}` has to begin with https:// or http:// and name a server"
    )]
    Address {
        /// The notifier.
        name: String,
    },
    /// The secret is empty or, after `whsec_`, not Base64.
    #[error("the secret of notifier `{name}` {problem}")]
    Secret {
        /// The notifier.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Nothing can be sent to it.
    #[error("notifier `{name}`: {reason}")]
    Unusable {
        /// The notifier.
        name: String,
        /// Why.
        reason: String,
    },
    /// Two notifiers of an account have one name.
    #[error("two notifiers are called `{name}`; `Notifier::name` gives one of them another name")]
    Twice {
        /// The name.
        name: String,
    },
}

impl Notifier {
    /// An incoming webhook of Slack, or of another chat that takes `{"text": "…"}`: Mattermost,
    /// Rocket.Chat, Google Chat, Discord (with `/slack` at the end of the address).
    ///
    /// The text is in English; [`text`](Self::text) gives another.
    pub fn slack(url: impl Into<String>) -> Self {
        Self::new("slack", url, Format::Chat(Arc::new(slack::text)))
    }

    /// A server that takes a [`Notice`] as JSON, signed with this secret.
    ///
    /// Signed as the [Standard Webhooks](https://www.standardwebhooks.com) specification says, for which
    /// there are libraries in all languages: `webhook-id`, `webhook-timestamp` (seconds since 1970), and
    /// `webhook-signature`: `v1,` and the Base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`. A
    /// secret that begins with `whsec_` is Base64 after that; any other is used as it is.
    pub fn webhook(url: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::new("webhook", url, Format::Json).signed(secret)
    }

    fn new(name: &str, url: impl Into<String>, format: Format) -> Self {
        Self {
            name: name.into(),
            url: url.into().into(),
            secret: None,
            format,
            kinds: vec![
                NoticeKind::HandedOver,
                NoticeKind::Unclaimed,
                NoticeKind::Returned,
            ],
        }
    }

    /// Its name in logs, metrics and the journal. Default: `slack` or `webhook`. Notices that wait when
    /// the bot starts again go to the notifier of the same name.
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.name = name.as_ref().into();
        self
    }

    /// Only notices of these kinds. Default: all.
    pub fn only(mut self, kinds: impl IntoIterator<Item = NoticeKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Signs a chat's messages as well, as a [`webhook`](Self::webhook)'s: for a server of your own
    /// that takes `{"text": "…"}`.
    pub fn signed(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into().into());
        self
    }

    /// The words for a chat, in place of the English ones; a webhook has none.
    ///
    /// The text is sent as it is. In Slack, `&`, `<` and `>` of what others wrote, such as the note,
    /// have to be `&amp;`, `&lt;` and `&gt;`. If the function panics, the notice becomes a dead letter.
    ///
    /// ```
    /// use handover_runtime::{Notice, Notifier};
    ///
    /// let notifier = Notifier::slack("https://hooks.slack.com/services/T0/B0/x")
    ///     .text(|notice: &Notice| format!("{}: {}", notice.kind, notice.thread));
    /// ```
    pub fn text(mut self, text: impl Fn(&Notice) -> String + Send + Sync + 'static) -> Self {
        if let Format::Chat(words) = &mut self.format {
            *words = Arc::new(text);
        }
        self
    }

    /// What is needed to send to it.
    pub(crate) fn address(&self) -> Result<Address, NotifierError> {
        let name = || self.name.to_string();
        let wrong = || NotifierError::Address { name: name() };
        let mut url = Url::parse(self.url.expose_secret().trim()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        let authorization = basic(&url).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        // It always succeeds where there is a host.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        let key = self.secret.as_ref().map(SigningKey::new).transpose();
        let key = key.map_err(|wrong| NotifierError::Secret {
            name: name(),
            problem: match wrong {
                WrongSecret::Empty => "is empty",
                WrongSecret::NotBase64 => "begins with `whsec_`, and the rest is not Base64",
            },
        })?;
        Ok(Address {
            uri: url.as_str().parse().map_err(|_| wrong())?,
            url,
            authorization,
            key,
            format: self.format.clone(),
        })
    }

    /// The same, distinguished from those of other accounts.
    pub(crate) fn of_account(mut self, account: &AccountId) -> Self {
        self.name = format!("{account}/{}", self.name).into();
        self
    }

    /// Whether it sends to the same address, signed the same way.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let exposed =
            |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
        let formats = match (&self.format, &other.format) {
            (Format::Chat(one), Format::Chat(two)) => Arc::ptr_eq(one, two),
            (Format::Json, Format::Json) => true,
            _ => false,
        };
        formats
            && self.url.expose_secret() == other.url.expose_secret()
            && exposed(&self.secret) == exposed(&other.secret)
    }

    pub(crate) fn name_of(&self) -> &Arc<str> {
        &self.name
    }
}

/// Where a [`Notifier`] sends to.
#[derive(Clone)]
pub(crate) struct Address {
    /// Without name and password.
    url: Url,
    uri: Uri,
    authorization: Option<HeaderValue>,
    key: Option<SigningKey>,
    format: Format,
}

impl Address {
    /// The server, without what is secret in the address.
    pub(crate) fn server(&self) -> &Url {
        &self.url
    }

    /// The request for a notice; `now` is the real time, by which its receiver tells old requests.
    pub(crate) fn request(&self, notice: &Notice, now: Timestamp) -> HttpRequest {
        let body = self.body(notice);
        let seconds = now.as_millis() / 1000;
        let signature = self
            .key
            .as_ref()
            .map(|key| key.sign(&notice.id, seconds, &body));
        let mut request = HttpRequest::new(body.into_bytes().into());
        *request.method_mut() = hyper::Method::POST;
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static(THIS_PROGRAM));
        headers.extend(
            self.authorization
                .clone()
                .map(|value| (AUTHORIZATION, value)),
        );
        if let Ok(id) = HeaderValue::from_str(&notice.id) {
            headers.insert("webhook-id", id);
        }
        headers.insert("webhook-timestamp", seconds.into());
        if let Some(Ok(signature)) = signature.map(HeaderValue::try_from) {
            headers.insert("webhook-signature", signature);
        }
        request
    }

    fn body(&self, notice: &Notice) -> String {
        let body = match &self.format {
            Format::Chat(text) => json!({ "text": text(notice) }),
            Format::Json => {
                let mut data = json!({
                    "account": notice.thread.account,
                    "person": notice.thread.party,
                    "product": notice.product,
                });
                if let Some(app) = &notice.app {
                    data["app"] = json!(app.as_str());
                }
                if let Some(since) = notice.since {
                    data["since"] = json!(iso(since));
                }
                if let Some(note) = &notice.note {
                    data["note"] = json!(note);
                }
                json!({
                    "type": format!("thread.{}", notice.kind),
                    "timestamp": iso(notice.at),
                    "data": data,
                })
            }
        };
        body.to_string()
    }

    /// Foreign text without what is secret in the address.
    pub(crate) fn redact(&self, text: &str) -> String {
        let path = self.url.path();
        let mut text = text.to_owned();
        for secret in [Some(path), self.url.query()].into_iter().flatten() {
            if secret.len() > 1 {
                text = text.replace(secret, "[secret]");
            }
        }
        text
    }
}

const THIS_PROGRAM: &str = concat!("handover/", env!("CARGO_PKG_VERSION"));

/// Name and password of an address.
fn basic(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| -> String {
        url::form_urlencoded::parse(
            format!("x={}", text.replace('+', "%2B").replace('&', "%26")).as_bytes(),
        )
        .map(|(_, value)| value.into_owned())
        .collect()
    };
    let [name, password] = [url.username(), url.password().unwrap_or_default()].map(decoded);
    let value = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
    HeaderValue::try_from(value).ok()
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier")
            .field("name", &self.name)
            .field("kinds", &self.kinds)
            .finish_non_exhaustive()
    }
}
