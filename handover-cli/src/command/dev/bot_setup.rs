//! The bots that run, each with its app and its port.

use std::net::SocketAddr;

use handover::protocol::AppId;
use handover_sim::SimulatorBuilder;
use handover_sim::local::{self, LocalApp};

use crate::command_error::CommandError;
use crate::environment::{CliEnvironment, LOCAL, VariableError};

/// A bot to be started.
pub(super) struct BotSetup {
    /// Its name, if there are several.
    pub(super) name: Option<String>,
    pub(super) address: SocketAddr,
    /// Why the address has another port than the requested one.
    pub(super) elsewhere: Option<String>,
    /// The variables of its environment.
    pub(super) variables: Vec<(String, String)>,
    app: LocalApp,
}

impl BotSetup {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("the bot")
    }

    /// Line with the address of the bot.
    pub(super) fn summary(&self) -> String {
        format!("{} listens at http://{}/webhook", self.name(), self.address)
    }
}

/// The bots with these names; without names, one.
pub(super) fn setups(
    environment: &CliEnvironment,
    names: &[String],
    port: u16,
) -> Result<Vec<BotSetup>, CommandError> {
    let own = LOCAL
        .into_iter()
        .filter(|(name, _)| name.starts_with("MESSENGER_"))
        .map(|(name, default)| Ok((name, variable(environment, name, default)?)))
        .collect::<Result<Vec<_>, VariableError>>()
        .map_err(CommandError::usage)?;
    let first = first_app(environment).map_err(CommandError::usage)?;
    let apps: Vec<_> = match names {
        [] => vec![(None, first)],
        names => names
            .iter()
            .zip(0..)
            .map(|(name, number)| (Some(name.clone()), first.numbered(name, number)))
            .collect(),
    };
    let others: Vec<_> = apps
        .iter()
        .filter_map(|(name, app)| {
            let name = name.as_ref()?.to_uppercase().replace('-', "_");
            Some((format!("MESSENGER_APP_ID_{name}"), app.id.to_string()))
        })
        .collect();
    // Held until all have one, so that no two get the same.
    let mut listeners = Vec::new();
    let mut setups = Vec::new();
    for ((name, app), wanted) in apps.into_iter().zip(port..) {
        let wanted = if port == 0 { 0 } else { wanted };
        let (listener, taken) = local::bind(wanted)?;
        let variables = own.iter().map(|(variable, value)| {
            let value = match *variable {
                "MESSENGER_APP_ID" => app.id.to_string(),
                "MESSENGER_ACCESS_TOKEN" => app.access_token.clone(),
                _ => value.clone(),
            };
            ((*variable).to_owned(), value)
        });
        setups.push(BotSetup {
            name,
            address: listener.local_addr()?,
            elsewhere: taken.map(|error| {
                format!("not at port {wanted}, where `handover trigger` looks for it: {error}")
            }),
            variables: variables.chain(others.clone()).collect(),
            app,
        });
        listeners.push(listener);
    }
    Ok(setups)
}

/// The app of the bot's own variables.
fn first_app(environment: &CliEnvironment) -> Result<LocalApp, VariableError> {
    let local = LocalApp::default();
    let variable = |name: &str, default: &str| variable(environment, name, default);
    Ok(LocalApp {
        id: AppId::from(variable("MESSENGER_APP_ID", local.id.as_str())?),
        secret: first(environment.app_secrets(), local.secret)?,
        access_token: variable("MESSENGER_ACCESS_TOKEN", &local.access_token)?,
        verify_token: first(environment.verify_tokens(), local.verify_token)?,
        name: local.name,
    })
}

/// The first of a list that is set.
fn first(
    list: Result<Vec<String>, VariableError>,
    default: String,
) -> Result<String, VariableError> {
    match list {
        Ok(list) => Ok(list.into_iter().next().unwrap_or(default)),
        Err(VariableError::Missing(_)) => Ok(default),
        Err(unusable) => Err(unusable),
    }
}

fn variable(
    environment: &CliEnvironment,
    name: &str,
    default: &str,
) -> Result<String, VariableError> {
    let value = environment.get(name)?;
    Ok(value.unwrap_or_else(|| default.to_owned()))
}

/// The platform that they all share.
pub(super) fn simulator(
    environment: &CliEnvironment,
    setups: &[BotSetup],
    allowed_hosts: &[String],
) -> Result<SimulatorBuilder, VariableError> {
    let page = variable(environment, "MESSENGER_PAGE_ID", local::PAGE_ID)?;
    let mut platform = local::platform(page);
    for name in allowed_hosts {
        platform = platform.allow_host(name);
    }
    Ok(setups.iter().fold(platform, |platform, bot| {
        platform.app(bot.app.at(bot.address))
    }))
}
