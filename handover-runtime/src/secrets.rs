//! The secrets of the app as they are now: those that come from files may change while the bot runs.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How often files of secrets are read.
const READ_EVERY: Duration = Duration::from_secs(1);

/// What the bot checks requests with. Each list may have several: before and after a rotation.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecretLists {
    /// The platform signs webhooks with one of them.
    pub(crate) app_secrets: Vec<SecretString>,
    /// The platform repeats one of them when it verifies the callback URL.
    pub(crate) verify_tokens: Vec<SecretString>,
    /// Other programs send one of them.
    pub(crate) api_tokens: Vec<SecretString>,
}

/// The files that lists come from, if they do.
#[derive(Clone, Debug, Default)]
pub(crate) struct SecretFiles {
    /// Of the Page, which is followed where accounts are looked up.
    pub(crate) access_token: Option<PathBuf>,
    pub(crate) app_secrets: Option<PathBuf>,
    pub(crate) verify_tokens: Option<PathBuf>,
    pub(crate) api_tokens: Option<PathBuf>,
}

/// The lists in use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Secrets(Arc<RwLock<Arc<SecretsInUse>>>);

/// The lists at one moment.
pub(crate) struct SecretsInUse {
    pub(crate) lists: SecretLists,
    pub(crate) keys: SignatureKeys,
}

/// HMAC-SHA256 under each app secret: the keys are hashed once, not for each body.
pub(crate) struct SignatureKeys(Vec<Hmac<Sha256>>);

impl SignatureKeys {
    pub(crate) fn new(app_secrets: &[SecretString]) -> Self {
        let keys = app_secrets
            .iter()
            .map(|secret| Hmac::new_from_slice(secret.expose_secret().as_bytes()));
        // A key may have any length.
        Self(keys.filter_map(Result::ok).collect())
    }

    /// Whether this is the HMAC-SHA256 under any of them; each is tried.
    pub(crate) fn have_signed(&self, body: &[u8], claimed: &[u8; 32]) -> bool {
        let is_right = self.0.iter().fold(Choice::from(0), |is_right, key| {
            let digest = key.clone().chain_update(body).finalize().into_bytes();
            is_right | digest.as_slice().ct_eq(claimed)
        });
        is_right.into()
    }
}

/// Bearer token for requests that change something, derived from the app secret.
#[doc(hidden)]
#[must_use]
pub fn operations_token(app_secret: &str) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else {
        return String::new();
    };
    let token = mac.chain_update("handover operations").finalize();
    hex::encode(token.into_bytes())
}

/// Whether this is one of them; each is compared, so that the time tells nothing.
pub(crate) fn is_one_of(secrets: &[SecretString], given: &[u8]) -> bool {
    let is_right = secrets.iter().fold(Choice::from(0), |is_right, secret| {
        is_right | secret.expose_secret().as_bytes().ct_eq(given)
    });
    !given.is_empty() && is_right.into()
}

/// The secrets of a list, separated by commas or lines.
pub fn split_secrets(text: &str) -> impl Iterator<Item = &str> {
    let secrets = text.split([',', '\n']).map(str::trim);
    secrets.filter(|secret| !secret.is_empty())
}

pub(crate) fn list(text: &str) -> Vec<SecretString> {
    split_secrets(text).map(SecretString::from).collect()
}

impl Secrets {
    pub(crate) fn new(lists: SecretLists) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(SecretsInUse::new(lists)))))
    }

    pub(crate) fn now(&self) -> Arc<SecretsInUse> {
        let now = self.0.read().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }

    /// The secret of the app itself; empty if there is none.
    pub(crate) fn app_secret(&self) -> SecretString {
        let now = self.now();
        now.lists.app_secrets.first().cloned().unwrap_or_default()
    }

    /// Whether this is the token of the `handover` command, under any app secret.
    pub(crate) fn is_operator(&self, given: &[u8]) -> bool {
        let now = self.now();
        let secrets = now.lists.app_secrets.iter();
        let tokens = secrets.map(|secret| operations_token(secret.expose_secret()).into());
        is_one_of(&Vec::from_iter(tokens), given)
    }

    /// Takes over what changes in files, for ever. A file that cannot be read, or holds no secret, changes
    /// nothing.
    pub(crate) async fn follow(self, files: SecretFiles) {
        let mut files = [
            (files.app_secrets, "MESSENGER_APP_SECRET"),
            (files.verify_tokens, "MESSENGER_VERIFY_TOKEN"),
            (files.api_tokens, "HANDOVER_API_TOKEN"),
        ]
        .map(|(path, variable)| FollowedFile::new(path, variable));
        if files.iter().all(|file| file.path.is_none()) {
            return;
        }
        loop {
            tokio::time::sleep(READ_EVERY).await;
            let mut lists = self.now().lists.clone();
            let [app_secrets, verify_tokens, api_tokens] = &mut files;
            let changed = [
                app_secrets.update(&mut lists.app_secrets),
                verify_tokens.update(&mut lists.verify_tokens),
                api_tokens.update(&mut lists.api_tokens),
            ];
            if changed.contains(&true) {
                let mut now = self.0.write().unwrap_or_else(PoisonError::into_inner);
                *now = Arc::new(SecretsInUse::new(lists));
            }
        }
    }
}

impl SecretsInUse {
    fn new(lists: SecretLists) -> Self {
        Self {
            keys: SignatureKeys::new(&lists.app_secrets),
            lists,
        }
    }
}

/// A file with secrets that may change.
pub(crate) struct FollowedFile {
    path: Option<PathBuf>,
    variable: &'static str,
    /// Said once, until it can be read again.
    is_unreadable: bool,
}

impl FollowedFile {
    pub(crate) fn new(path: Option<PathBuf>, variable: &'static str) -> Self {
        Self {
            path,
            variable,
            is_unreadable: false,
        }
    }

    /// Reads the file again; says whether the list has changed. A file that cannot be read, or holds no
    /// secret, changes nothing.
    pub(crate) fn update(&mut self, known: &mut Vec<SecretString>) -> bool {
        let Some(path) = &self.path else {
            return false;
        };
        let variable = self.variable;
        let found = match std::fs::read_to_string(path) {
            Ok(text) => list(&text),
            Err(error) => {
                if !std::mem::replace(&mut self.is_unreadable, true) {
                    tracing::error!(%error, "the file of {variable} cannot be read; what it held stays in use");
                }
                return false;
            }
        };
        if found.is_empty() {
            if !std::mem::replace(&mut self.is_unreadable, true) {
                tracing::error!("the file of {variable} is empty; what it held stays in use");
            }
            return false;
        }
        self.is_unreadable = false;
        let same = |(one, other): (&SecretString, &SecretString)| {
            one.expose_secret() == other.expose_secret()
        };
        if found.len() == known.len() && found.iter().zip(&*known).all(same) {
            return false;
        }
        tracing::info!(
            secrets = found.len(),
            "the file of {variable} has changed, and is in use"
        );
        *known = found;
        true
    }
}
