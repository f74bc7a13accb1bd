//! Options of the command line.
//!
//! They are read with `lexopt` and not with `clap`: a bot with the simulator would build that as well, which
//! takes longer than all the rest that only the command needs.

use std::ffi::OsString;
use std::path::PathBuf;

use handover_sim::local;
use lexopt::{Arg, Parser, ValueExt};

/// What the command line says. Without a configuration file, there is one bot.
pub(crate) struct Options {
    pub(crate) config: Option<PathBuf>,
    pub(crate) bot: String,
    pub(crate) app_secret: String,
    pub(crate) verify_token: String,
    pub(crate) access_token: String,
    pub(crate) port: Option<u16>,
    pub(crate) page_id: String,
    pub(crate) app_id: String,
    pub(crate) instagram: Option<String>,
    pub(crate) zero_config: bool,
    pub(crate) seed: Option<u64>,
    pub(crate) allow_host: Vec<String>,
}

/// What the command is asked for.
pub(crate) enum CommandLine {
    Start(Box<Options>),
    Help,
    Version,
}

/// Why the command line is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OptionsError {
    #[error("{0}; see `handover-sim --help`")]
    Malformed(#[from] lexopt::Error),
    #[error("there is no option `--{wrong}`; did you mean `--{nearest}`?")]
    Unknown {
        wrong: String,
        nearest: &'static str,
    },
    #[error("`--{option}` cannot be used with `--config`: write it into the file")]
    BesideFile { option: &'static str },
}

/// Options that describe the one bot, and that a configuration file replaces.
const OF_ONE_BOT: [&str; 8] = [
    "bot",
    "app-secret",
    "verify-token",
    "access-token",
    "page-id",
    "app-id",
    "instagram",
    "zero-config",
];

const OTHERS: [&str; 6] = ["config", "port", "seed", "allow-host", "help", "version"];

pub(crate) fn help() -> String {
    let Options {
        bot,
        app_secret,
        verify_token,
        access_token,
        page_id,
        app_id,
        ..
    } = Options::default();
    let port = local::SIMULATOR_PORT;
    format!(
        "\
Local simulator of Meta's Messenger Platform: Graph API, signed webhooks, and a page on which you
act as the person and the agent

Usage: handover-sim [OPTIONS]
       handover-sim check <FILE>  Compare a recording with the rules; see `handover-sim check --help`

Options:
      --config <FILE>         Configuration file (TOML) for several accounts and bots. Replaces all
                              options below but --port, --seed and --allow-host
      --bot <URL>             URL of the bot's webhook [default: {bot}]
      --app-secret <SECRET>   App secret, which signs webhooks [default: {app_secret}]
      --verify-token <TOKEN>  Verify token of the webhook [default: {verify_token}]
      --access-token <TOKEN>  Page access token of the bot [default: {access_token}]
      --port <PORT>           Port to listen on. 0: a free port [default: {port}]
      --page-id <ID>          Id of the Page [default: {page_id}]
      --app-id <ID>           App id of the bot [default: {app_id}]
      --instagram [<ID>]      Adds an Instagram account with this id, linked to the Page
      --zero-config           Turns off conversation routing: there is no default app
      --seed <NUMBER>         Seed of ids and faults [default: another one for each run]
      --allow-host <NAME>     Answers under this name with a domain, too; can be repeated
  -h, --help                  Print help
  -V, --version               Print version"
    )
}

impl Default for Options {
    fn default() -> Self {
        Self {
            config: None,
            bot: format!("http://127.0.0.1:{}/webhook", local::BOT_PORT),
            app_secret: local::APP_SECRET.to_owned(),
            verify_token: local::VERIFY_TOKEN.to_owned(),
            access_token: local::ACCESS_TOKEN.to_owned(),
            port: None,
            page_id: local::PAGE_ID.to_owned(),
            app_id: local::APP_ID.to_owned(),
            instagram: None,
            zero_config: false,
            seed: None,
            allow_host: Vec::new(),
        }
    }
}

impl CommandLine {
    /// Reads the arguments, without the name of the program.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, OptionsError> {
        let mut options = Options::default();
        let mut of_one_bot = None;
        let mut parser = Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            let name = match argument {
                Arg::Short('h') => "help",
                Arg::Short('V') => "version",
                Arg::Long(name) => known(name)?,
                other => return Err(other.unexpected().into()),
            };
            if OF_ONE_BOT.contains(&name) {
                of_one_bot = Some(name);
            }
            match name {
                "help" => return Ok(Self::Help),
                "version" => return Ok(Self::Version),
                "config" => options.config = Some(parser.value()?.into()),
                "bot" => options.bot = parser.value()?.string()?,
                "app-secret" => options.app_secret = parser.value()?.string()?,
                "verify-token" => options.verify_token = parser.value()?.string()?,
                "access-token" => options.access_token = parser.value()?.string()?,
                "port" => options.port = Some(parser.value()?.parse()?),
                "page-id" => options.page_id = parser.value()?.string()?,
                "app-id" => options.app_id = parser.value()?.string()?,
                "instagram" => options.instagram = Some(instagram(&mut parser)?),
                "allow-host" => options.allow_host.push(parser.value()?.string()?),
                "zero-config" => options.zero_config = true,
                _ => options.seed = Some(parser.value()?.parse()?),
            }
        }
        match (&options.config, of_one_bot) {
            (Some(_), Some(option)) => Err(OptionsError::BesideFile { option }),
            _ => Ok(Self::Start(Box::new(options))),
        }
    }
}

/// The id after `--instagram`, if there is one: `--instagram=ID` or `--instagram ID`.
fn instagram(parser: &mut Parser) -> Result<String, lexopt::Error> {
    if let Some(id) = parser.optional_value() {
        return id.string();
    }
    let mut rest = parser.raw_args()?;
    let id = rest.next_if(|next| !next.as_encoded_bytes().starts_with(b"-"));
    id.map_or_else(|| Ok(local::INSTAGRAM_ID.to_owned()), ValueExt::string)
}

fn known(name: &str) -> Result<&'static str, OptionsError> {
    let all = OF_ONE_BOT.iter().chain(&OTHERS).copied();
    if let Some(known) = all.clone().find(|known| *known == name) {
        return Ok(known);
    }
    let nearest = all.min_by_key(|known| strsim::levenshtein(name, known));
    Err(match nearest {
        Some(nearest) if strsim::levenshtein(name, nearest) <= 3 => OptionsError::Unknown {
            wrong: name.to_owned(),
            nearest,
        },
        _ => lexopt::Error::UnexpectedOption(format!("--{name}")).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<CommandLine, OptionsError> {
        CommandLine::parse(line.split_whitespace().map(OsString::from))
    }

    fn options(line: &str) -> Options {
        match parse(line) {
            Ok(CommandLine::Start(options)) => *options,
            Ok(_) => panic!("`{line}` asks for help or the version"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn without_options_there_is_one_usual_bot() {
        let options = options("");
        assert_eq!(options.bot, "http://127.0.0.1:8080/webhook");
        assert_eq!(options.page_id, local::PAGE_ID);
        assert!(options.config.is_none() && options.instagram.is_none() && !options.zero_config);
    }

    #[test]
    fn a_value_follows_or_is_in_the_same_word() {
        let options = options("--port 1 --seed=2 --bot http://x/ --app-secret=-s");
        assert_eq!((options.port, options.seed), (Some(1), Some(2)));
        assert_eq!((&*options.bot, &*options.app_secret), ("http://x/", "-s"));
    }

    #[test]
    fn the_id_of_the_instagram_account_may_be_left_out() {
        for (line, id) in [
            ("--instagram", local::INSTAGRAM_ID),
            ("--instagram --zero-config", local::INSTAGRAM_ID),
            ("--instagram 5 --zero-config", "5"),
            ("--zero-config --instagram=6", "6"),
        ] {
            assert_eq!(options(line).instagram.as_deref(), Some(id), "{line}");
        }
    }

    #[test]
    fn help_names_every_option() {
        let help = help();
        for option in OF_ONE_BOT.iter().chain(&OTHERS) {
            assert!(help.contains(&format!(" --{option}")), "{option}");
        }
        for line in ["-h", "--port 1 --help"] {
            assert!(matches!(parse(line), Ok(CommandLine::Help)), "{line}");
        }
        assert!(matches!(parse("-V"), Ok(CommandLine::Version)));
    }

    #[test]
    fn mistakes_are_named() {
        for (line, hint) in [
            ("--app-secrt x", "did you mean `--app-secret`?"),
            ("--page 5", "did you mean `--page-id`?"),
            ("--frobnicate", "--frobnicate"),
            ("-x", "-x"),
            ("8080", "8080"),
            ("--port", "--port"),
            ("--port eighty", "eighty"),
            ("--port 70000", "70000"),
            ("--zero-config=yes", "yes"),
            ("--config x.toml --bot http://x/", "`--bot`"),
            ("--instagram --config x.toml", "`--instagram`"),
        ] {
            let error = parse(line).err().map(|error| error.to_string());
            let error = error.unwrap_or_default();
            assert!(error.contains(hint), "{line}: {error}");
        }
        assert!(parse("--config x.toml --port 0 --seed 1").is_ok());
    }
}
