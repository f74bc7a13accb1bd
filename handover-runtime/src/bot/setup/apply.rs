//! Applies the profile and the subscriptions to the platform.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, AppId, Object};
use secrecy::{ExposeSecret, SecretString};

use super::Profile;
use crate::accounts::{Account, Accounts};
use crate::causes;
use crate::graph::{Graph, GraphError};
use crate::operations::{Report, Reports};
use crate::routing::Description;

/// Pauses between the attempts.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
];

/// The setup of a bot.
pub(crate) struct Setup {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) profile: Option<Profile>,
    /// The routes whose webhook fields are subscribed to.
    pub(crate) routes: Option<Description>,
    pub(crate) app_id: AppId,
    pub(crate) app_secret: SecretString,
    pub(crate) verify_token: SecretString,
    pub(crate) reports: Reports,
}

/// Why a part of the setup failed.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error(transparent)]
    Graph(#[from] GraphError),
    #[error(
        "the app has no webhook for {0}: enter its address in the App Dashboard, under Webhooks"
    )]
    NoWebhook(String),
}

impl Setup {
    /// Runs the setup with a few attempts, and reports what failed.
    pub(crate) async fn run(self) {
        if self.profile.is_none() && self.routes.is_none() {
            return;
        }
        for pause in PAUSES.map(Some).into_iter().chain([None]) {
            let problems = self.attempt().await;
            let done = problems.is_empty();
            self.reports.replace(problems);
            match pause {
                Some(pause) if !done => tokio::time::sleep(pause).await,
                _ => return,
            }
        }
    }

    async fn attempt(&self) -> Vec<Report> {
        let accounts = match self.accounts.all().await {
            Ok(accounts) => accounts,
            Err(error) => {
                let error = causes::with_causes(&*error);
                tracing::error!(error, "nothing can be set up: the token store fails");
                return vec![Report {
                    account: None,
                    problem: format!("nothing can be set up: {error}"),
                }];
            }
        };
        let mut problems = Vec::new();
        let mut note = |what: &str, of: &str, result: Result<(), SetupError>| {
            if let Err(error) = result {
                let error = causes::with_causes(&error);
                tracing::error!(account = %of, error, "{what} cannot be set up");
                problems.push(Report {
                    account: Some(AccountId::from(of)),
                    problem: format!("{what} of {of} cannot be set up: {error}"),
                });
            }
        };
        let mut any = None;
        for account in &accounts {
            // A webhook of this account will report why it is unknown.
            let Ok(known) = self.accounts.connect(account) else {
                continue;
            };
            let graph = known.graph;
            if let Some(routes) = &self.routes {
                let result = self.subscribe_page(&graph, routes, account).await;
                note("the subscription", account.page_id.as_str(), result);
            }
            if let Some(profile) = &self.profile {
                let result = show(&graph, profile, &Object::Page).await;
                note("the profile", account.page_id.as_str(), result);
                for id in &account.instagram {
                    let result = show(&graph, profile, &Object::Instagram).await;
                    note("the profile", id.as_str(), result);
                }
            }
            any.get_or_insert(graph);
        }
        if let (Some(routes), Some(graph)) = (&self.routes, any) {
            for product in [Object::Page, Object::Instagram] {
                let fields = fields_of(&accounts, routes, &product);
                let result = self.subscribe_app(&graph, &product, &fields).await;
                note("the app's webhook", product.as_str(), result);
            }
        }
        problems
    }

    /// Subscribes the Page to exactly the fields that the handlers need.
    async fn subscribe_page(
        &self,
        graph: &Graph,
        routes: &Description,
        account: &Account,
    ) -> Result<(), SetupError> {
        let fields = routes.webhook_fields(&account.page_id, &Object::Page);
        let apps = graph.subscribed_apps().await?;
        let own = apps
            .iter()
            .find(|app| app.id.as_ref() == Some(&self.app_id));
        let now = own.map(|own| own.subscribed_fields.iter().cloned().collect());
        if fields.is_empty() || now.as_ref() == Some(&fields) {
            return Ok(());
        }
        tracing::info!(account = %account.page_id, ?fields, "subscribed");
        Ok(graph.subscribe(&fields).await?)
    }

    /// Subscribes the app. A Page has its own list in addition, an Instagram account has none: for
    /// Instagram, the app's fields are exactly these.
    async fn subscribe_app(
        &self,
        graph: &Graph,
        product: &Object,
        fields: &BTreeSet<String>,
    ) -> Result<(), SetupError> {
        if fields.is_empty() {
            return Ok(());
        }
        let app = graph.as_app(self.app_id.clone(), self.app_secret.clone())?;
        let all = app.subscriptions().await?;
        let own = all.iter().find(|one| one.object.as_ref() == Some(product));
        let (now, callback) = match own {
            Some(own) => (
                own.field_names().map(str::to_owned).collect(),
                own.callback_url.as_deref(),
            ),
            None => (
                BTreeSet::new(),
                all.iter().find_map(|one| one.callback_url.as_deref()),
            ),
        };
        let wanted = match product {
            Object::Instagram => fields.clone(),
            // Another bot may share the app with other Pages.
            _ => fields | &now,
        };
        if wanted == now {
            return Ok(());
        }
        let callback =
            callback.ok_or_else(|| SetupError::NoWebhook(product.as_str().to_owned()))?;
        tracing::info!(product = product.as_str(), fields = ?wanted, "the app's webhook is subscribed");
        let verify_token = self.verify_token.expose_secret();
        Ok(app
            .subscribe(product.as_str(), callback, verify_token, &wanted)
            .await?)
    }
}

/// Sets the parts of the profile that differ.
async fn show(graph: &Graph, profile: &Profile, product: &Object) -> Result<(), SetupError> {
    profile.check().map_err(GraphError::from)?;
    let graph = graph.for_product(product.clone());
    if let Some(missing) = profile.missing_in(&graph.profile().await?, product) {
        graph.set_profile(&missing).await?;
        tracing::info!(page = %graph.page_id(), product = product.as_str(), "the profile is set");
    }
    Ok(())
}

/// Fields that all accounts of a product need together.
fn fields_of(accounts: &[Account], routes: &Description, product: &Object) -> BTreeSet<String> {
    let ids = accounts.iter().flat_map(|account| match product {
        Object::Instagram => &account.instagram[..],
        _ => std::slice::from_ref(&account.page_id),
    });
    ids.flat_map(|id| routes.webhook_fields(id, product))
        .collect()
}
