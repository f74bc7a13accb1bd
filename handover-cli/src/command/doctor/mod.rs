//! `handover doctor`: what keeps the bot from working, and how to repair it.

mod app;
mod configuration;
mod finding;
mod inbox;
mod messages;
mod needs;
mod page;
mod redactor;
mod routing;
mod store;
mod token;
mod webhook;

use std::process::ExitCode;

use clap::Args;
use handover::protocol::AccountId;
use handover_runtime::description::WebhookFields;
use handover_runtime::journal_file::Inspector;
use url::Url;

use super::CommandResult;
use crate::cargo_target::CargoTarget;
use crate::environment::CliEnvironment;
use crate::store::StoreArgument;
use crate::terminal::{BAD, GOOD, Progress, WARN, paint, remark, say, say_json};
use configuration::{Configuration, ConfiguredAccount};
use finding::{Finding, FindingState};
use needs::Needs;

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
        let configuration = configuration::examine(&environment, &mut findings).await;
        let needs = Needs::of(self.routes.then_some(&self.target))?;
        progress.now("asking the Graph API");
        let journal = self.store.find(&environment).ok();
        let journal = journal.and_then(|store| store.open().ok());
        let callback = match &configuration {
            Some(configuration) => {
                self.ask_platform(configuration, &needs, journal.as_ref(), &mut findings)
                    .await
            }
            None => None,
        };
        progress.now("asking the webhook");
        let webhook = self
            .webhook
            .clone()
            .or(callback)
            .or_else(|| environment.webhook().ok());
        if let Some(webhook) = webhook {
            webhook::examine(&webhook, &environment, &mut findings).await;
        }
        progress.now("looking at the store");
        findings.extend(store::examine(&self.store, &environment));
        if let Some(journal) = &journal {
            findings.extend(messages::examine(journal));
        }
        drop(progress);
        Ok(self.tell(&findings))
    }

    /// Gives the callback URL, if the platform knows one.
    async fn ask_platform(
        &self,
        configuration: &Configuration,
        needs: &Needs,
        journal: Option<&Inspector>,
        findings: &mut Vec<Finding>,
    ) -> Option<Url> {
        match configuration.reach().await {
            Ok(clock) => findings.extend(clock),
            Err(unreachable) => {
                findings.push(unreachable);
                return None;
            }
        }
        let all = &configuration.accounts;
        let lists_instagram = all.iter().any(|account| !account.instagram.is_empty());
        // As for the bot: a Page without an Instagram account has none if others list theirs.
        let is_examined = |account: &&ConfiguredAccount| {
            !self.instagram || !lists_instagram || !account.instagram.is_empty()
        };
        let accounts = Vec::from_iter(all.iter().filter(is_examined));
        if self.instagram && !lists_instagram && all.len() > 1 {
            findings.push(Finding::fault(
                "configuration",
                "no account lists its Instagram account",
                "with several Pages, events of an Instagram account that no Page lists become dead letters",
                "add `\"instagram\": [\"ID\"]` to its Page in the file that MESSENGER_ACCOUNTS_FILE names",
            ));
        }
        let mut needed = WebhookFields::default();
        if accounts.is_empty() {
            needed.add(needs.fields(None));
        }
        for account in &accounts {
            needed.add(needs.fields(self.page_of(account)));
        }
        let (subscription, callback) = app::examine(configuration, &needed, self.instagram).await;
        findings.push(subscription);
        for account in accounts {
            match token::examine(account, self.instagram).await {
                Ok(found) => findings.extend(found.into_iter().map(|it| it.about(account.named()))),
                // It holds for all of them.
                Err(found) if findings.iter().any(|it| it.check == found.check) => {}
                Err(found) => findings.push(found),
            }
            let needed = needs.fields(self.page_of(account));
            let of_account = [
                page::examine(account, &needed).await,
                routing::examine(account, self.instagram).await,
                inbox::examine(account, self.instagram, journal).await,
            ];
            findings.extend(of_account.map(|it| it.about(account.named())));
        }
        callback
    }

    /// The Page whose handlers count; which Instagram account it has is not always known.
    fn page_of<'a>(&self, account: &'a ConfiguredAccount) -> Option<&'a AccountId> {
        (!self.instagram).then_some(&account.page)
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
