//! The Graph API: carries calls out and keeps a record, which no crash of a bot touches.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use handover_testkit::server::{self, Request, Response};
use serde_json::json;
use tokio::net::TcpListener;

use crate::Result;
use crate::faults::{Fault, Faults};
use crate::world::{APP, INBOX, Owner, Verdict, World, thread_of};

/// Listens until the run ends; cheap to clone.
#[derive(Clone)]
pub(crate) struct GraphApi {
    url: String,
    world: World,
    faults: Arc<Mutex<Faults>>,
    under_way: Arc<AtomicUsize>,
    /// How many calls each node has made.
    calls: Arc<Mutex<HashMap<String, usize>>>,
}

impl GraphApi {
    pub(crate) async fn start(world: &World) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let api = Self {
            url: format!("http://{}", listener.local_addr()?),
            world: world.clone(),
            faults: Arc::default(),
            under_way: Arc::default(),
            calls: Arc::default(),
        };
        let answering = api.clone();
        tokio::spawn(server::serve(listener, move |request| {
            let api = answering.clone();
            async move { api.serve(&request).await }
        }));
        Ok(api)
    }

    /// Where a node calls it.
    pub(crate) fn address_of(&self, node: &str) -> String {
        format!("{}/{node}", self.url)
    }

    /// How many calls have arrived and are not answered.
    pub(crate) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// How many calls a node has made.
    #[cfg(feature = "postgres")]
    pub(crate) fn calls_of(&self, node: &str) -> usize {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.get(node).copied().unwrap_or(0)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve(&self, request: &Request) -> Option<Response> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let answer = self.answer(request).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        answer
    }

    /// The answer; without one, the connection ends.
    async fn answer(&self, request: &Request) -> Option<Response> {
        let Some(call) = Call::of(request) else {
            return Some(refusal(400, 100, None, "(#100) not a call of this API"));
        };
        if !matches!(call.what, What::AskOwner) {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            *calls.entry(call.node.clone()).or_default() += 1;
        }
        let fault = self.fault(&call);
        match fault {
            Some(Fault::Broken) => {
                return Some(refusal(500, 2, None, "An unexpected error has occurred."));
            }
            Some(Fault::Throttled) => {
                return Some(refusal(
                    429,
                    613,
                    None,
                    "(#613) Calls to this API have exceeded the rate limit.",
                ));
            }
            Some(Fault::CutBefore) => return None,
            Some(Fault::CutAfter | Fault::Stalled(_)) | None => {}
        }
        let answer = self.carry_out(&call);
        match fault {
            Some(Fault::CutAfter) => return None,
            Some(Fault::Stalled(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        Some(answer)
    }

    fn fault(&self, call: &Call) -> Option<Fault> {
        if let What::AskOwner = call.what {
            // Without an answer the bot has to guess, and may try what the platform refuses.
            return None;
        }
        let rng = &mut self.world.lock().rng;
        self.faults().next(&call.id(), rng)
    }

    fn carry_out(&self, call: &Call) -> Response {
        let mut state = self.world.lock();
        let (node, at) = (&call.node, call.thread);
        if at >= state.threads.len() {
            return refusal(400, 100, Some(2018001), "(#100) No matching user found");
        }
        let verdict = match &call.what {
            What::Message { text, reference } => {
                state.message(node, at, text, reference.as_deref())
            }
            What::Pass { metadata } => state.pass(node, at, metadata),
            What::AskOwner => {
                let owner = match state.owner(at) {
                    Owner::Bot => APP,
                    Owner::Inbox => INBOX,
                };
                return Response::json(
                    200,
                    &json!({ "data": [{ "thread_owner": { "app_id": owner } }] }),
                );
            }
        };
        match (verdict, &call.what) {
            (Verdict::Sent(mid), _) => {
                Response::json(200, &json!({ "recipient_id": "1", "message_id": mid }))
            }
            (Verdict::Passed, _) => Response::json(200, &json!({ "success": true })),
            (Verdict::NotOwner, What::Pass { .. }) => refusal(
                400,
                100,
                None,
                "(#100) Action is invalid since it's not the thread owner.",
            ),
            (Verdict::NotOwner, _) => refusal(
                400,
                10,
                Some(2_018_300),
                "(#10) Message not sent. Another app is controlling this thread now.",
            ),
        }
    }
}

struct Call {
    /// The first part of the path.
    node: String,
    thread: usize,
    what: What,
}

enum What {
    Message {
        text: String,
        reference: Option<String>,
    },
    Pass {
        metadata: String,
    },
    AskOwner,
}

impl Call {
    fn of(request: &Request) -> Option<Self> {
        let body = request.json();
        let text = |pointer: &str| {
            let value = body.pointer(pointer)?.as_str()?;
            Some(value.to_owned())
        };
        let what = match request.name() {
            "messages" => What::Message {
                text: text("/message/text")?,
                reference: text("/message/metadata"),
            },
            "pass_thread_control" => What::Pass {
                metadata: text("/metadata")?,
            },
            "thread_owner" => What::AskOwner,
            _ => return None,
        };
        let asked = || request.parameter("recipient").map(str::to_owned);
        let person = text("/recipient/id").or_else(asked)?;
        let node = request.uri.path().split('/').nth(1).unwrap_or_default();
        Some(Self {
            node: node.to_owned(),
            thread: thread_of(&person)?,
            what,
        })
    }

    fn id(&self) -> String {
        match &self.what {
            What::Message { text, .. } => text.clone(),
            What::Pass { metadata } => format!("pass {metadata}"),
            What::AskOwner => format!("owner of {}", self.thread),
        }
    }
}

fn refusal(status: u16, code: i64, subcode: Option<i64>, message: &str) -> Response {
    let error = json!({ "error": {
        "message": message, "type": "OAuthException", "code": code, "error_subcode": subcode,
    } });
    let response = Response::json(status, &error);
    match status {
        429 => response.header("retry-after", "1"),
        _ => response,
    }
}
