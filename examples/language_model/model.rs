//! A language model on a server with the chat-completions API, which streams its answers.

use std::time::Duration;

use handover::Error;
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::time::timeout;

/// Why there is no answer.
pub type ModelError = Box<dyn std::error::Error + Send + Sync>;

/// A model, and how it is asked.
#[derive(Clone)]
pub struct Model {
    http: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// The address without `/chat/completions`.
    pub base_url: String,
    /// Sent as the bearer token.
    pub api_key: String,
    /// Name of the model.
    pub name: String,
    /// How long the server may be silent, before and within an answer.
    pub patience: Duration,
    /// The pauses before a request that failed is repeated.
    pub pauses: Vec<Duration>,
}

/// What the model says: words, calls of tools, or both.
#[derive(Default)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// The calls, in order.
    pub calls: Vec<ToolCall>,
    is_complete: bool,
}

/// A call of a tool.
#[derive(Default)]
pub struct ToolCall {
    /// By which the model finds the result.
    pub id: String,
    /// Name of the tool.
    pub name: String,
    /// JSON, if the model makes no mistake.
    pub arguments: String,
    index: Value,
}

impl Model {
    /// Reads `OPENAI_BASE_URL`, `OPENAI_API_KEY` and `OPENAI_MODEL`, from the environment or `.env`.
    pub fn from_env() -> handover::Result<Self> {
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(rustls::crypto::ring::default_provider())
            .map_err(Error::other)?;
        let tls = tls.https_or_http().enable_http1().build();
        let variable = |name, default: &str| dotenvy::var(name).unwrap_or(default.to_owned());
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build(tls),
            base_url: variable("OPENAI_BASE_URL", "https://api.openai.com/v1"),
            api_key: variable("OPENAI_API_KEY", ""),
            name: variable("OPENAI_MODEL", "gpt-4o-mini"),
            patience: Duration::from_secs(20),
            pauses: [1, 4].map(Duration::from_secs).to_vec(),
        })
    }

    /// Asks for the next message. When the future is dropped, the connection ends and the server stops
    /// generating.
    pub async fn ask(&self, messages: &[Value], tools: &[Value]) -> Result<Answer, ModelError> {
        let body = json!({
            "model": self.name, "stream": true, "messages": messages, "tools": tools,
        });
        let request = Request::post(format!("{}/chat/completions", self.base_url))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.api_key))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body.to_string()))?;
        let mut response = timeout(self.patience, self.http.request(request)).await??;
        if !response.status().is_success() {
            return Err(format!("the model's server answers {}", response.status()).into());
        }
        let (mut answer, mut received) = (Answer::default(), Vec::new());
        while let Some(frame) = timeout(self.patience, response.frame()).await? {
            received.extend(frame?.into_data().unwrap_or_default());
            while let Some(end) = received.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = received.drain(..=end).collect();
                match line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) {
                    Some(b"[DONE]") => answer.is_complete = true,
                    Some(chunk) => answer.add(&serde_json::from_slice(chunk)?)?,
                    None => {}
                }
            }
        }
        answer.checked()
    }
}

impl Answer {
    /// Adds a part of the stream. A call is spread over several of them.
    fn add(&mut self, chunk: &Value) -> Result<(), ModelError> {
        if chunk["error"].is_object() {
            return Err(format!("the model's server says {}", chunk["error"]).into());
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let choice = &chunk["choices"][0];
        self.is_complete |= choice["finish_reason"].is_string();
        self.text += &text(&choice["delta"]["content"]);
        let parts = choice["delta"]["tool_calls"].as_array();
        for part in parts.into_iter().flatten() {
            let (id, index) = (text(&part["id"]), part["index"].clone());
            let goes_on = |call: &ToolCall| call.index == index && (id.is_empty() || id == call.id);
            let known = self.calls.iter().rposition(goes_on);
            let at = known.unwrap_or(self.calls.len());
            if known.is_none() {
                let new = ToolCall::default();
                self.calls.push(ToolCall { id, index, ..new });
            }
            self.calls[at].name += &text(&part["function"]["name"]);
            self.calls[at].arguments += &text(&part["function"]["arguments"]);
        }
        Ok(())
    }

    /// Neither a part of an answer is one, nor nothing.
    fn checked(self) -> Result<Self, ModelError> {
        match self.is_complete {
            false => Err("the answer broke off".into()),
            true if self.text.trim().is_empty() && self.calls.is_empty() => {
                Err("the answer is empty".into())
            }
            true => Ok(self),
        }
    }

    /// The message as the next request repeats it.
    pub fn to_json(&self) -> Value {
        let calls = self.calls.iter().map(|call| {
            let function = json!({ "name": call.name, "arguments": call.arguments });
            json!({ "id": call.id, "type": "function", "function": function })
        });
        let calls: Vec<_> = calls.collect();
        json!({ "role": "assistant", "content": self.text, "tool_calls": calls })
    }
}

impl ToolCall {
    /// The message that tells the model what came of it.
    pub fn result(&self, text: &str) -> Value {
        json!({ "role": "tool", "tool_call_id": self.id, "content": text })
    }
}
