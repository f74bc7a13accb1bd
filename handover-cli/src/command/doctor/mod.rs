//! `handover doctor`: what keeps the bot from working, and how to repair it.

mod app;
mod configuration;
mod finding;
mod inbox;
mod messages;
mod needs;
mod page;
mod routing;
mod store;
mod token;
mod webhook;

use std::process::ExitCode;

use clap::Args;
use handover_runtime::description::WebhookFields;
use url::Url;

use super::CommandResult;
use crate::cargo_target::CargoTarget;
use crate::environment::CliEnvironment;
use crate::store::StoreArgument;
use crate::terminal::{BAD, GOOD, Progress, WARN, paint, remark, say, say_json};
use configuration::Configuration;
use finding::{Finding, FindingState};

/// Check tokens, subscriptions, webhook, routing and store of the bot
///
/// Asks the Graph API, or the simulator, with the bot's variables, and calls the webhook as the platform
/// does. Changes nothing. Each fault comes with what to do about it.
#[derive(Args)]
pub(crate) struct Doctor {
    /// The webhook to examine [default: the callback URL that the app is subscribed with]
    #[arg(long, value_name = "URL")]
    webhook: Option<Url>,
    /// Build the project in this folder, and check the webhook fields that its handlers need
    #[arg(long)]
    routes: bool,
    #[command(flatten)]
    target: CargoTarget,
    /// The bot's threads are those of Instagram
    #[arg(long)]
    instagram: bool,
    /// One JSON object per finding
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreArgument,
}

impl Doctor {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        if environment.is_local() && !self.json {
            remark("nothing is configured: examining the simulator at port 8090");
        }
        let progress = Progress::start(self.json, "examining");
        let mut findings = Vec::new();
        let configuration = configuration::examine(&environment, &mut findings);
        // The id of the Instagram account is not among the variables.
        let account = configuration.as_ref().map(|of| &of.page);
        let account = account.filter(|_| !self.instagram);
        let needed = needs::fields(self.routes.then_some(&self.target), account)?;
        progress.now("asking the Graph API");
        let callback = match &configuration {
            Some(configuration) => {
                self.ask_platform(configuration, &needed, &environment, &mut findings)
                    .await
            }
            None => None,
        };
        progress.now("asking the webhook");
        let webhook = self
            .webhook
            .clone()
            .or(callback)
            .or_else(|| environment.webhook());
        if let Some(webhook) = webhook {
            webhook::examine(&webhook, &environment, &mut findings).await;
        }
        progress.now("looking at the store");
        findings.push(store::examine(&self.store, &environment));
        let journal = self.store.find(&environment).ok();
        if let Some(journal) = journal.and_then(|store| store.open().ok()) {
            findings.extend(messages::examine(&journal));
        }
        drop(progress);
        Ok(self.tell(&findings))
    }

    /// Gives the callback URL, if the platform knows one.
    async fn ask_platform(
        &self,
        configuration: &Configuration,
        needed: &WebhookFields,
        environment: &CliEnvironment,
        findings: &mut Vec<Finding>,
    ) -> Option<Url> {
        match configuration.reach().await {
            Ok(clock) => findings.extend(clock),
            Err(unreachable) => {
                findings.push(unreachable);
                return None;
            }
        }
        findings.extend(token::examine(configuration, self.instagram).await);
        let (subscription, callback) = app::examine(configuration, needed, self.instagram).await;
        findings.push(subscription);
        findings.push(page::examine(configuration, needed).await);
        findings.push(routing::examine(configuration, self.instagram).await);
        let journal = self.store.find(environment).ok();
        let journal = journal.and_then(|store| store.open().ok());
        findings.push(inbox::examine(configuration, self.instagram, journal.as_ref()).await);
        callback
    }

    fn tell(&self, findings: &[Finding]) -> ExitCode {
        for finding in findings {
            if self.json {
                say_json(finding);
            } else {
                say(finding);
            }
        }
        let count = |state| {
            findings
                .iter()
                .filter(|finding| finding.state == state)
                .count()
        };
        let (faults, warnings) = (count(FindingState::Fault), count(FindingState::Warning));
        if !self.json {
            let (style, verdict) = match (faults, warnings) {
                (0, 0) => (GOOD, "all is well".to_owned()),
                (0, 1) => (WARN, "no faults, 1 warning".to_owned()),
                (0, warnings) => (WARN, format!("no faults, {warnings} warnings")),
                (1, _) => (BAD, "1 fault".to_owned()),
                (faults, _) => (BAD, format!("{faults} faults")),
            };
            say(format_args!("\n{}", paint(style, verdict)));
        }
        ExitCode::from(u8::from(faults > 0))
    }
}
