//! A bot beside the simulator, with two Pages and an Instagram account.

use handover::journal::{DeadLetter, Journal};
use handover::protocol::AppId;
use handover::testing::Clock;
use handover::{Bot, Config};
use handover_sim::{Fault, FaultRule, Person, SimulatedApp, Simulator, TimelineItem, TimelineKind};
use handover_testkit::http;
use serde_json::Value;
use tokio::net::TcpListener;

use super::bot::serve;
use super::wait::until;

pub(crate) const APP: &str = "1517776481860111";
pub(crate) const SECRET: &str = "the app secret";
pub(crate) const CAFE: &str = "1744550565845823";
pub(crate) const SHOP: &str = "1063254873751024";
/// Linked to the café's Page.
pub(crate) const CAFE_ON_INSTAGRAM: &str = "17841405793187218";

pub(crate) struct Simulated {
    pub(crate) sim: Simulator,
    pub(crate) journal: Journal,
    pub(crate) operations: String,
    pub(crate) operations_router: axum::Router,
}

/// The token with which the app speaks for an account.
pub(crate) fn token_of(account: &str) -> String {
    format!("token-of-{account}")
}

/// Knows the app, and none of the accounts.
pub(crate) fn config() -> Config {
    Config::of_app(APP)
        .app_secret(SECRET)
        .verify_token("the verify token")
}

impl Simulated {
    /// Starts the bot with this configuration, and the simulator.
    pub(crate) async fn start(bot: Bot, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = SimulatedApp::new(APP, "Bot")
            .secret(SECRET)
            .webhook(format!("http://{address}/webhook"))
            .token_for(CAFE, token_of(CAFE))
            .token_for(SHOP, token_of(SHOP));
        let sim = Simulator::builder()
            .page(CAFE, "Kaffeehaus")
            .page(SHOP, "Shop")
            .instagram(CAFE_ON_INSTAGRAM, "kaffeehaus", CAFE)
            .app(app)
            .start()
            .await
            .unwrap();
        let journal = Journal::in_memory(Clock::default());
        let (public, handle) = bot
            .journal(journal.clone())
            .config(config.graph_url(sim.graph_url().parse().unwrap()))
            .into_parts()
            .unwrap();
        tokio::spawn(async move { axum::serve(listener, public).await });
        Self {
            sim,
            journal,
            operations: format!("http://{}", serve(handle.operations()).await),
            operations_router: handle.operations(),
        }
    }

    /// From now on, messages are refused with this error code.
    pub(crate) async fn refuses_messages(&self, code: i64) {
        let fault = Fault::Error {
            code,
            subcode: None,
            message: None,
            is_transient: false,
        };
        let rule = FaultRule::call(fault).kind("messages");
        self.sim.set_faults(1, [rule]).await.unwrap();
    }

    /// Starts another bot beside it, which gets no webhooks; it works until this is dropped.
    pub(crate) fn another(&self, bot: Bot, config: Config) -> axum::Router {
        let config = config.graph_url(self.sim.graph_url().parse().unwrap());
        let bot = bot
            .journal(Journal::in_memory(Clock::default()))
            .config(config);
        bot.into_parts().unwrap().0
    }

    pub(crate) fn person(&self, account: &str) -> Person {
        self.sim.person_on(account, "Ana").unwrap()
    }

    /// Waits until the person's chat ends with this.
    pub(crate) async fn reads(&self, person: &Person, text: &str) {
        until(&format!("{person:?} reads {text}"), async || {
            let messages = person.messages();
            let last = messages.last().and_then(|message| message.text.as_deref());
            match last == Some(text) {
                true => Ok(()),
                false => Err(format!("{messages:#?}")),
            }
        })
        .await;
    }

    /// Waits until the Page Inbox has the person's thread: the farewell is read before that.
    pub(crate) async fn hands_over(&self, person: &Person) {
        until(&format!("{person:?} is handed over"), async || {
            match self.sim.owner_of(person) {
                Some(owner) if owner == AppId::PAGE_INBOX => Ok(()),
                owner => Err(format!("{owner:?}")),
            }
        })
        .await;
    }

    /// The calls that the bot made so far.
    pub(crate) fn calls(&self) -> Vec<TimelineItem> {
        let mut rows = self.sim.timeline();
        rows.retain(|row| row.kind == TimelineKind::Call);
        rows
    }

    pub(crate) async fn dead_letters(&self, count: usize) -> Vec<DeadLetter> {
        until(&format!("{count} dead letters"), async || {
            let letters = self.journal.dead_letters().await.unwrap();
            match letters.len() == count {
                true => Ok(letters),
                false => Err(format!("{letters:#?}")),
            }
        })
        .await
    }

    /// The status of `/readyz`, and what is not well.
    pub(crate) async fn ready(&self) -> (u16, Vec<String>) {
        let answer = http::get(format!("{}/readyz", self.operations)).await;
        let answer = answer.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        let problems = body["problems"].as_array().unwrap();
        let problems = problems.iter().map(|one| one.as_str().unwrap().to_owned());
        (status, problems.collect())
    }
}
