//! Whether the bot's variables are set.

use std::time::{Duration, SystemTime};

use handover::graph::{AppGraph, Graph, GraphError};
use handover::protocol::{AccountId, AppId};
use handover_runtime::shared::{credentials_of, with_causes};
use handover_runtime::{Account, TokenFile, TokenStore};
use url::Url;

use super::finding::Finding;
use super::redactor::Redactor;
use crate::environment::{ACCESS_TOKEN, ACCOUNTS_FILE, CliEnvironment, PAGE_ID, VariableError};
use crate::graph::{self, SettingsError};
use crate::http::CliRequest;
use crate::terminal::plural;

const CHECK: &str = "configuration";
const APP_ID: &str = "MESSENGER_APP_ID";
const CLOCK: &str = "clock";

/// What is examined, and with what.
pub(super) struct Configuration {
    app: AppId,
    pub(super) redactor: Redactor,
    /// The Graph API in the name of the app.
    pub(super) app_graph: AppGraph,
    /// The accounts of the variables and of the accounts file, as the bot has them.
    pub(super) accounts: Vec<ConfiguredAccount>,
    /// The address of the Graph API with the version.
    root: Url,
    timeout: Duration,
}

/// A Page and its token.
pub(super) struct ConfiguredAccount {
    pub(super) page: AccountId,
    pub(super) app: AppId,
    pub(super) token: String,
    pub(super) redactor: Redactor,
    /// Linked Instagram accounts, as far as the accounts file lists them.
    pub(super) instagram: Vec<AccountId>,
    /// The Graph API in the name of the Page.
    pub(super) graph: Graph,
    /// The Graph API in the name of the app.
    pub(super) app_graph: AppGraph,
    /// Whether it is of the accounts file, or beside one: findings name it.
    is_named: bool,
}

/// `None` if too little is set to ask anybody.
pub(super) async fn examine(
    environment: &CliEnvironment,
    findings: &mut Vec<Finding>,
) -> Option<Configuration> {
    for unusable in environment.unusable_files() {
        findings.push(Finding::fault(
            CHECK,
            unusable.to_string(),
            "the bot does not start with it",
            "write the value into the file, and make the bot's user its owner",
        ));
    }
    let names_page = !environment.is_set(ACCOUNTS_FILE) || environment.is_set(PAGE_ID);
    let of_page = [PAGE_ID, ACCESS_TOKEN].map(|name| environment.require(name).err());
    let of_page = of_page.into_iter().filter(|_| names_page);
    let of_app = [
        environment.require(APP_ID).err(),
        environment.app_secrets().err(),
        environment.verify_tokens().err(),
    ];
    for error in of_page.chain(of_app).flatten() {
        let VariableError::Missing(missing) = error else {
            // Its file is a finding already.
            continue;
        };
        findings.push(Finding::fault(
            CHECK,
            missing.of_bot().to_string(),
            "the bot does not start without it",
            "copy `.env.example` to `.env` and fill it in",
        ));
    }
    match graph::url(environment) {
        Ok(_) | Err(SettingsError::Variable(_)) => {}
        Err(error) => findings.push(wrong(&error)),
    }
    let file = environment.accounts_file().ok().flatten();
    let listed = match file.as_ref().map(TokenFile::open).transpose() {
        Ok(Some(file)) => file.accounts().await.unwrap_or_default(),
        Ok(None) => Vec::new(),
        Err(error) => {
            findings.push(Finding::fault(
                CHECK,
                error.to_string(),
                "the bot does not start with it, and one that runs keeps the accounts that it had",
                "correct the file that MESSENGER_ACCOUNTS_FILE names",
            ));
            return None;
        }
    };
    if !findings.is_empty() {
        return None;
    }
    let configuration = Configuration::new(environment, names_page, listed, findings);
    let configuration = configuration.map_err(|error| findings.push(wrong(&error)));
    let configuration = configuration.ok()?;
    let what = match (&file, &*configuration.accounts) {
        (None, [only]) => format!("Page {}", only.page),
        (Some(file), []) => {
            findings.push(Finding::fault(
                CHECK,
                format!("the accounts file {file} has no account that can be used"),
                "nothing is sent, and all events become dead letters",
                "write the Pages and their access tokens into it",
            ));
            return Some(configuration);
        }
        (_, some) => plural(some.len() as u64, "account"),
    };
    let (app, root) = (&configuration.app, &configuration.root);
    findings.push(Finding::good(
        CHECK,
        format!("{what}, app {app}, at {root}"),
    ));
    Some(configuration)
}

fn wrong(error: &SettingsError) -> Finding {
    Finding::fault(
        CHECK,
        with_causes(error),
        "the bot does not start with it",
        "correct the variable, or unset it: GRAPH_API_URL, GRAPH_API_VERSION and GRAPH_API_APPSECRET_PROOF have defaults",
    )
}

impl Configuration {
    fn new(
        environment: &CliEnvironment,
        names_page: bool,
        listed: Vec<Account>,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, SettingsError> {
        let app = AppId::from(environment.require(APP_ID)?);
        let secret = environment.app_secret()?;
        let as_app = graph::settings(environment, app.as_str(), &format!("{app}|{secret}"))?;
        let (mut root, timeout) = (as_app.base_url.clone(), as_app.timeout);
        if let Ok(mut path) = root.path_segments_mut() {
            path.pop_if_empty().push(&as_app.version);
        }
        let graph = graph::connect(environment, as_app)?;
        let app_graph = graph.as_app(app.clone(), secret.clone())?;
        let is_named = environment.accounts_file()?.is_some();
        let account = |page: &AccountId, token: &str, instagram: &[AccountId]| {
            Ok::<_, GraphError>(ConfiguredAccount {
                graph: graph.for_page(page.clone(), token)?,
                page: page.clone(),
                app: app.clone(),
                token: token.to_owned(),
                redactor: Redactor::new([&*secret, token]),
                instagram: instagram.to_vec(),
                app_graph: app_graph.clone(),
                is_named,
            })
        };
        let mut accounts = Vec::new();
        if names_page {
            let page = environment.require(PAGE_ID)?.into();
            accounts.push(account(&page, &environment.require(ACCESS_TOKEN)?, &[])?);
        }
        for one in listed {
            let page = one.page();
            // The bot takes the variables for the Page that they name.
            if accounts.iter().any(|known| known.page == *page) {
                continue;
            }
            let (token, instagram) = credentials_of(&one);
            match account(page, token, instagram) {
                Ok(account) => accounts.push(account),
                Err(error) => findings.push(unusable(&error).about(Some(page))),
            }
        }
        let tokens = accounts.iter().map(|account| account.token.as_str());
        let redactor = Redactor::new(tokens.chain([&*secret]));
        Ok(Self {
            app,
            redactor,
            app_graph,
            accounts,
            root,
            timeout,
        })
    }

    /// Whether anybody answers, and whether their clock agrees with this one.
    pub(super) async fn reach(&self) -> Result<Option<Finding>, Finding> {
        let response = CliRequest::get(&self.root).send(self.timeout).await;
        match response {
            Ok(response) => Ok(response.date.as_deref().and_then(clock)),
            Err(error) => Err(Finding::fault(
                "graph api",
                format!(
                    "the Graph API at {} cannot be reached: {}",
                    self.root.authority(),
                    error
                ),
                "without it the bot can neither send nor hand over",
                "check GRAPH_API_URL and the network; start the simulator, if you use it",
            )),
        }
    }
}

impl ConfiguredAccount {
    /// The Page that findings name.
    pub(super) fn named(&self) -> Option<&AccountId> {
        self.is_named.then_some(&self.page)
    }
}

/// An account of the file that no call can be made for.
fn unusable(error: &GraphError) -> Finding {
    Finding::fault(
        CHECK,
        with_causes(error),
        "nothing is sent for it, and its events become dead letters",
        "correct it in the file that MESSENGER_ACCOUNTS_FILE names",
    )
}

/// How far the clocks may be apart.
const SKEW: Duration = Duration::from_secs(60);

fn clock(date: &str) -> Option<Finding> {
    let theirs = httpdate::parse_http_date(date).ok()?;
    let apart = SystemTime::now()
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    if apart <= SKEW {
        return Some(Finding::good(CLOCK, "agrees with the platform's"));
    }
    Some(Finding::fault(
        CLOCK,
        format!("it is {} s off the platform's", apart.as_secs()),
        "the bot counts the 24-hour window, timers and thread control by it",
        "synchronize the clock of the machine: `timedatectl set-ntp true`",
    ))
}
