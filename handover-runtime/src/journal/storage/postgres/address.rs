//! Addresses of databases.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::config::{Config, Host, SslMode};

/// Address of a database: `postgres://USER:PASSWORD@HOST:PORT/NAME`. `Debug` and `Display` leave out the
/// password.
///
/// After a `?` it takes the parameters of libpq, such as `sslmode` and `host` for the directory of a Unix
/// socket, and these parameters of handover:
///
/// | parameter | default | |
/// |---|---|---|
/// | `schema` | `handover` | the schema with the tables of this bot; two bots in one database need different ones |
/// | `lease` | `10s` | how long after a node was cut off or killed others take over its work, in seconds: 2 to 300 |
/// | `sslrootcert` | the system's | with `sslmode=verify-full`: a PEM file with the certificates to trust |
///
/// `sslmode` is `disable`, `prefer` (default), `require` or `verify-full`. Only the last checks who answers.
///
/// ```
/// use handover_runtime::PostgresAddress;
///
/// let address: PostgresAddress = "postgres://bot:secret@db.example.com/bots?schema=shop".parse()?;
/// assert_eq!(address.to_string(), "postgres://db.example.com:5432/bots (schema shop)");
/// # Ok::<(), handover_runtime::PostgresAddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    pub(super) config: Config,
    pub(super) schema: String,
    pub(super) lease: Duration,
    /// Whether the certificate of the server is checked.
    pub(super) verifies: bool,
    pub(super) root_certificates: Option<String>,
}

/// Error: a text is no address of a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0}; write `postgres://USER:PASSWORD@HOST:PORT/NAME`, with special characters in the password as %40 and so on"
)]
pub struct PostgresAddressError(&'static str);

impl FromStr for PostgresAddress {
    type Err = PostgresAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut address = Self {
            config: Config::new(),
            schema: "handover".to_owned(),
            lease: Duration::from_secs(10),
            verifies: false,
            root_certificates: None,
        };
        let mut rest = Vec::new();
        let mut is_encrypted = false;
        for parameter in query.split('&').filter(|it| !it.is_empty()) {
            match parameter.split_once('=') {
                Some(("schema", name)) => address.schema = schema(name)?,
                Some(("lease", time)) => address.lease = lease(time)?,
                Some(("sslrootcert", path)) => address.root_certificates = Some(path.to_owned()),
                Some(("sslmode", "verify-full" | "verify-ca")) => {
                    address.verifies = true;
                    is_encrypted = true;
                }
                _ => rest.push(parameter),
            }
        }
        let text = [base, "?", &rest.join("&")].concat();
        let text = text.strip_suffix('?').unwrap_or(&text);
        // The error of the parser may quote the address, and with it the password.
        let parsed = text.parse();
        address.config =
            parsed.map_err(|_| PostgresAddressError("this is no address of a database"))?;
        if is_encrypted {
            address.config.ssl_mode(SslMode::Require);
        }
        let config = &mut address.config;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(PostgresAddressError("the address names no host"));
        }
        if config.get_application_name().is_none() {
            config.application_name("handover");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(10));
        Ok(address)
    }
}

fn schema(name: &str) -> Result<String, PostgresAddressError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if starts && name.len() <= 40 && name.chars().all(is_plain) && !name.starts_with("pg_") {
        return Ok(name.to_owned());
    }
    Err(PostgresAddressError(
        "`schema` is lower case letters, digits and `_`, at most 40",
    ))
}

fn lease(time: &str) -> Result<Duration, PostgresAddressError> {
    let seconds = time.strip_suffix('s').unwrap_or(time).parse();
    match seconds {
        Ok(seconds @ 2..=300) => Ok(Duration::from_secs(seconds)),
        _ => Err(PostgresAddressError(
            "`lease` is a number of seconds from 2 to 300, such as `10s`",
        )),
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => String::new(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let user = self.config.get_user().unwrap_or_default();
        let name = self.config.get_dbname().unwrap_or(user);
        write!(
            f,
            "postgres://{host}:{port}/{name} (schema {})",
            self.schema
        )
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::PostgresAddress;

    #[test]
    fn no_text_shows_the_password() {
        for text in [
            "postgres://bot:hunter2@localhost/bots",
            "postgres://bot:hunter2@localhost:99999/bots",
            "postgres://bot:hun/ter2@localhost/bots",
            "postgres://bot:hunter2@/bots",
            "postgres://bot:hunter2@localhost/bots?schema=A-b",
            "postgres://bot:hunter2@localhost/bots?unknown=hunter2",
        ] {
            let shown = match text.parse::<PostgresAddress>() {
                Ok(address) => format!("{address} {address:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains("ter2"), "{shown}");
        }
    }
}
