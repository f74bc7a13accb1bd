//! Commands that people can type.

use super::MESSENGER_PROFILE;
use crate::LimitExceeded;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

wire_object! {
    /// The commands of a bot, in one locale.
    ///
    /// ```json
    /// {"locale":"default","commands":[{"name":"flights","description":"Find a flight"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Command, LocalizedCommands};
    ///
    /// let commands = LocalizedCommands::new([Command::new("flights", "Find a flight")]);
    /// assert!(commands.check().is_ok());
    /// ```
    ///
    /// Limits: [`COMMANDS`](crate::limits::COMMANDS), [`COMMAND_NAME`](crate::limits::COMMAND_NAME),
    /// [`COMMAND_DESCRIPTION`](crate::limits::COMMAND_DESCRIPTION).
    pub struct LocalizedCommands {
        /// The locale, such as `en_US`, or `default`.
        pub locale: String => always,
        /// The commands.
        pub commands: Vec<Command> => always,
    }
}

wire_object! {
    /// A command that people can type.
    ///
    /// ```json
    /// {"name":"flights","description":"Find a flight"}
    /// ```
    pub struct Command {
        /// The name, without a slash.
        pub name: String => always,
        /// Description.
        pub description: String => always,
    }
}

impl LocalizedCommands {
    /// The commands for all locales that have none.
    pub fn new(commands: impl IntoIterator<Item = Command>) -> Self {
        Self {
            locale: "default".to_owned(),
            commands: commands.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Command {
    /// A command, and what it is good for.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            ..Self::default()
        }
    }
}

checked!(LocalizedCommands: |commands| {
    check(&commands.commands).map_err(|exceeded| exceeded.of_call(MESSENGER_PROFILE))
});

fn check(commands: &[Command]) -> Result<(), LimitExceeded> {
    Limit::Commands.count("commands", commands)?;
    each("commands", commands, |command| {
        Limit::CommandName.characters("name", &command.name)?;
        Limit::CommandDescription.characters("description", &command.description)
    })
}
