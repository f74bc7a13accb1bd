//! Where each call goes: the only place that knows methods and paths.

use std::fmt;

use handover_protocol::AccountId;
use reqwest::Method;
use url::Url;

/// A part of the Graph API, as errors and logs name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `POST /{page-id}/messages`, the Send API.
    Messages,
    /// `POST /{page-id}/pass_thread_control`
    PassThreadControl,
    /// `POST /{page-id}/take_thread_control`
    TakeThreadControl,
    /// `POST /{page-id}/request_thread_control`
    RequestThreadControl,
    /// `POST /{page-id}/release_thread_control`
    ReleaseThreadControl,
    /// `POST /{page-id}/extend_thread_control`
    ExtendThreadControl,
    /// `GET /{page-id}/thread_owner`
    ThreadOwner,
    /// `GET /{page-id}/secondary_receivers`
    SecondaryReceivers,
    /// `GET /me?fields=messaging_feature_status`
    MessagingFeatureStatus,
}

impl Endpoint {
    /// The platform's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::PassThreadControl => "pass_thread_control",
            Self::TakeThreadControl => "take_thread_control",
            Self::RequestThreadControl => "request_thread_control",
            Self::ReleaseThreadControl => "release_thread_control",
            Self::ExtendThreadControl => "extend_thread_control",
            Self::ThreadOwner => "thread_owner",
            Self::SecondaryReceivers => "secondary_receivers",
            Self::MessagingFeatureStatus => "messaging_feature_status",
        }
    }

    pub(super) const fn method(self) -> Method {
        match self {
            Self::ThreadOwner | Self::SecondaryReceivers | Self::MessagingFeatureStatus => {
                Method::GET
            }
            _ => Method::POST,
        }
    }

    /// The address below `root`, which ends with the version.
    pub(super) fn url(self, root: &Url, page_id: &AccountId) -> Url {
        match self {
            Self::MessagingFeatureStatus => below(root, &["me"]),
            _ => below(root, &[page_id.as_str(), self.name()]),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// `url` with these segments appended to its path.
pub(super) fn below(url: &Url, segments: &[&str]) -> Url {
    let mut url = url.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
