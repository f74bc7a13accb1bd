//! Asking the Graph API. No token gets into what is told.

use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{DATE, HeaderValue};
use serde_json::Value;
use sha2::Sha256;
use thiserror::Error;
use url::Url;

use super::configuration::Configuration;
use super::finding::Finding;

pub(super) struct Api {
    http: reqwest::Client,
    root: Url,
    /// Where the app requires a proof with each call.
    proof_key: Option<String>,
}

#[derive(Debug, Error)]
pub(super) enum ApiError {
    #[error("the Graph API at {host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: &'static str },
    #[error("the Graph API refused to tell: {message} (code {code})")]
    Refused { message: String, code: i64 },
    #[error("the answer of {host} (HTTP {status}) is not one of the Graph API")]
    Unreadable { host: String, status: u16 },
}

impl Api {
    pub(super) fn new(configuration: &Configuration) -> Result<Self, ApiError> {
        let mut root = configuration.graph_url.clone();
        if let Ok(mut path) = root.path_segments_mut() {
            path.pop_if_empty().push(&configuration.version);
        }
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10));
        let http = http.build().map_err(|error| unreachable(&root, &error))?;
        let proof_key = configuration.proof.then(|| configuration.secret.clone());
        Ok(Self {
            http,
            root,
            proof_key,
        })
    }

    /// Whether anybody answers, and whether their clock goes as ours does.
    pub(super) async fn reach(&self) -> Result<Option<Finding>, ApiError> {
        let response = self.http.get(self.root.clone()).send().await;
        let response = response.map_err(|error| unreachable(&self.root, &error))?;
        Ok(response.headers().get(DATE).and_then(clock))
    }

    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        token: &str,
    ) -> Result<Value, ApiError> {
        let mut url = self.root.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path);
        }
        url.query_pairs_mut().extend_pairs(query);
        if let Some(proof) = self.proof(token) {
            url.query_pairs_mut().append_pair("appsecret_proof", &proof);
        }
        let response = self.http.get(url).bearer_auth(token).send().await;
        let response = response.map_err(|error| unreachable(&self.root, &error))?;
        let status = response.status().as_u16();
        let unreadable = |_| ApiError::Unreadable {
            host: host(&self.root),
            status,
        };
        let answer: Value = response.json().await.map_err(unreadable)?;
        match answer.get("error") {
            None => Ok(answer),
            Some(error) => Err(ApiError::Refused {
                message: error["message"]
                    .as_str()
                    .unwrap_or("no reason was given")
                    .to_owned(),
                code: error["code"].as_i64().unwrap_or_default(),
            }),
        }
    }

    fn proof(&self, token: &str) -> Option<String> {
        let key = self.proof_key.as_ref()?;
        let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
        let digest = mac.chain_update(token).finalize().into_bytes();
        Some(hex::encode(digest))
    }
}

fn host(root: &Url) -> String {
    root.authority().to_owned()
}

fn unreachable(root: &Url, error: &reqwest::Error) -> ApiError {
    let reason = match error {
        error if error.is_timeout() => "it has not answered within 10 s",
        error if error.is_connect() => "nobody answers there",
        _ => "the connection broke",
    };
    let host = host(root);
    ApiError::Unreachable { host, reason }
}

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_secs(60);

fn clock(date: &HeaderValue) -> Option<Finding> {
    let theirs = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
    let now = SystemTime::now();
    let apart = now
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    if apart <= SKEW {
        return Some(Finding::good("clock", "it goes as the platform's does"));
    }
    Some(Finding::fault(
        "clock",
        format!("it is {} s off the platform's", apart.as_secs()),
        "the bot counts the 24-hour window, timers and control from it",
        "let the machine set its clock: `timedatectl set-ntp true`",
    ))
}
