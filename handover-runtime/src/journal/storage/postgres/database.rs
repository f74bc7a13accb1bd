//! Connections to the database, what is checked of it, and its tables.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Connection, Row};

use super::address::PostgresAddress;
use super::error::PostgresError;
use super::tls::Tls;
use crate::journal::storage::migrate::UNFINISHED_COPY;

/// The oldest server that is supported: 13.
const OLDEST_SERVER: i32 = 130_000;
/// The version of the tables that this program makes. Functions in the database that this program changes have it in
/// their names, so that nodes of two versions do not replace each other's.
pub(super) const VERSION: usize = 1;
/// The oldest version of the program that works with these tables as well, so that nodes can be replaced one by one.
const WORKS_WITH: usize = 1;
/// What makes tables of a version from those of the version before, from version 2 on. It only adds what programs of
/// the version before need not know: tables, indexes, columns with a default.
const MIGRATIONS: &[&str] = &[];
/// How long a migration waits for statements of other nodes, which wait for it meanwhile.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '5s'";
/// How long an answer is waited for.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Version 1 of the tables.
const SCHEMA: &str = include_str!("schema.sql");
const FUNCTIONS: [&str; 3] = [
    include_str!("commit.sql"),
    include_str!("read.sql"),
    include_str!("lanes.sql"),
];

/// What is wrong with a replica.
const READ_ONLY: &str = "it is read-only, such as a replica; connect to the primary server";

/// State of a commit that came too late; from the functions in the database.
const LEASE_ENDED: &str = "HO001";
/// State of a node that comes while another is to be alone, or is to be alone itself.
const IN_USE: &str = "HO002";

/// Where the database is, and how to connect.
#[derive(Clone)]
pub(super) struct Database {
    pub(super) address: PostgresAddress,
    tls: Tls,
    /// Whether no other node may join: the journal is copied.
    pub(super) is_alone: bool,
    /// Whether another journal is copied to it, so that it may be unfinished.
    is_copy: bool,
}

/// A value of a statement, and its type: the server is not asked for it.
pub(super) type SqlParameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// An open connection. Connections share nothing, so that each may be another one behind a pooler.
pub(super) type Stream =
    Connection<tokio_postgres::Socket, super::tls::Encrypted<tokio_postgres::Socket>>;

impl Database {
    pub(super) fn new(address: &PostgresAddress) -> Result<Self, PostgresError> {
        let tls = Tls::new(address).map_err(|error| PostgresError::Unreachable {
            database: address.to_string(),
            reason: crate::causes::with_causes(&*error).to_string(),
        })?;
        Ok(Self {
            address: address.clone(),
            tls,
            is_alone: false,
            is_copy: false,
        })
    }

    /// The journal is copied, or is the copy of another.
    pub(super) fn alone(self, is_copy: bool) -> Self {
        Self {
            is_alone: true,
            is_copy,
            ..self
        }
    }

    /// Connects; the connection is driven on this runtime.
    pub(super) async fn connect(&self, runtime: &Handle) -> Result<Client, PostgresError> {
        let (client, connection) = self.open().await?;
        runtime.spawn(async move {
            // Whoever waits for an answer hears of it.
            let _ = connection.await;
        });
        Ok(client)
    }

    /// The same, and the caller drives the connection.
    pub(super) async fn open(&self) -> Result<(Client, Stream), PostgresError> {
        let connecting = self.address.config.connect(self.tls.clone());
        match tokio::time::timeout(ANSWER_WITHIN, connecting).await {
            Ok(Ok(connected)) => Ok(connected),
            Ok(Err(error)) => Err(self.unreachable(&error)),
            Err(_) => Err(self.silent()),
        }
    }

    /// A statement of this schema.
    pub(super) fn sql(&self, template: &str) -> String {
        let schema = &self.address.schema;
        template
            .replace("{schema}", schema)
            .replace("{channel}", &self.channel())
    }

    /// The channel on which nodes hear of each other.
    pub(super) fn channel(&self) -> String {
        ["handover_", &self.address.schema].concat()
    }

    fn name(&self) -> String {
        self.address.to_string()
    }

    fn unreachable(&self, error: &tokio_postgres::Error) -> PostgresError {
        let (database, reason) = (self.name(), text_of(error));
        // Classes 28: invalid authorization; 08, 53, 57: the server starts or stops, or is full.
        let class = error
            .code()
            .map(|code| code.code().get(..2).unwrap_or_default());
        match class {
            Some("28") => PostgresError::LoginRefused { database, reason },
            Some("08" | "53" | "57") => PostgresError::Unreachable { database, reason },
            Some(_) => PostgresError::Failed { database, reason },
            None if is_of_the_network(error) => PostgresError::Unreachable { database, reason },
            None => PostgresError::Unsuitable { database, reason },
        }
    }

    pub(super) fn failed(&self, error: &tokio_postgres::Error) -> PostgresError {
        let database = self.name();
        let reason = text_of(error);
        match error.code() {
            Some(code) if code.code() == LEASE_ENDED => PostgresError::LeaseEnded { database },
            Some(code) if code.code() == IN_USE => PostgresError::InUse {
                database,
                node: reason,
            },
            // The server has ended the connection, as it does when it stops.
            Some(code) if code.code().starts_with("57P") || code.code().starts_with("08") => {
                PostgresError::Unreachable { database, reason }
            }
            // It has become a replica. The next connection may be to the primary server.
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => self.read_only(),
            Some(_) => PostgresError::Failed { database, reason },
            None => PostgresError::Unreachable { database, reason },
        }
    }

    fn read_only(&self) -> PostgresError {
        PostgresError::Unreachable {
            database: self.name(),
            reason: READ_ONLY.to_owned(),
        }
    }

    pub(super) fn silent(&self) -> PostgresError {
        PostgresError::Silent {
            database: self.name(),
            within: ANSWER_WITHIN,
        }
    }

    pub(super) fn unreadable(&self, reason: impl std::fmt::Display) -> PostgresError {
        PostgresError::Unreadable {
            database: self.name(),
            reason: reason.to_string(),
        }
    }

    /// The answer to a question on this connection, if it comes in time.
    pub(super) async fn within<T>(
        &self,
        time: Duration,
        client: &Client,
        question: impl Future<Output = Result<T, PostgresError>>,
    ) -> Result<T, PostgresError> {
        match tokio::time::timeout(time, question).await {
            Ok(answer) => answer,
            Err(_) => Err(self.give_up(client)),
        }
    }

    /// No answer has come on this connection. The server is asked to drop the statement: it might wait on for a
    /// lock, and everybody else behind it.
    pub(super) fn give_up(&self, client: &Client) -> PostgresError {
        tokio::spawn(self.cancel(client, ANSWER_WITHIN));
        self.silent()
    }

    /// Asks the server to drop the statement of this connection, for at most so long.
    pub(super) fn cancel(
        &self,
        client: &Client,
        within: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (token, tls) = (client.cancel_token(), self.tls.clone());
        async move {
            let cancelled = tokio::time::timeout(within, token.cancel_query(tls)).await;
            if let Ok(Err(error)) = cancelled {
                let error = text_of(&error);
                tracing::debug!(error, "the server cannot be asked to drop a statement");
            }
        }
    }

    fn unsuitable(&self, reason: impl Into<String>) -> PostgresError {
        PostgresError::Unsuitable {
            database: self.name(),
            reason: reason.into(),
        }
    }

    pub(super) fn foreign(&self, reason: impl Into<String>) -> PostgresError {
        PostgresError::Foreign {
            database: self.name(),
            reason: reason.into(),
        }
    }

    /// Whether the server keeps what it confirms; and makes the tables, if there are none.
    pub(super) async fn prepare(
        &self,
        client: &mut Client,
        bot: Option<&str>,
    ) -> Result<(), PostgresError> {
        let failed = |error| self.failed(&error);
        self.check(client).await?;
        // In one transaction with its lock, so that it also works behind a pooler.
        let transaction = client.transaction().await.map_err(failed)?;
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        let name = [&self.channel(), " schema"].concat();
        transaction
            .query_typed(lock, &[(&name, Type::TEXT)])
            .await
            .map_err(failed)?;
        let table = self.sql("SELECT to_regclass('{schema}.meta') IS NOT NULL");
        let rows = transaction.query_typed(&table, &[]).await;
        let is_there: bool = rows.map_err(failed)?[0].get(0);
        if is_there {
            let facts =
                self.sql("SELECT name, value FROM {schema}.meta WHERE name IN ('version', 'works_with', 'bot')");
            let facts = transaction.query_typed(&facts, &[]).await.map_err(failed)?;
            let fact = |name: &str| {
                let mut facts = facts.iter();
                let fact = facts.find(|row| row.get::<_, &str>(0) == name);
                fact.map(|row| row.get::<_, String>(1))
            };
            let found = self.check_version(fact("version"), fact("works_with"))?;
            self.migrate(&transaction, found).await?;
            let copied = self.sql("SELECT to_regclass('{schema}.migration') IS NOT NULL");
            let copied = transaction.query_typed(&copied, &[]).await;
            if copied.map_err(failed)?[0].get(0) && !self.is_copy {
                return Err(self.foreign(UNFINISHED_COPY));
            }
            match fact("bot") {
                Some(other) if bot.is_some_and(|bot| bot != other) => {
                    return Err(self.foreign(
                        "it is the journal of another bot (its app is another); give this bot another schema with `?schema=NAME` in HANDOVER_STORE",
                    ));
                }
                Some(_) => {}
                None => self.note_bot(&transaction, bot).await?,
            }
        } else {
            // Also `IF NOT EXISTS` needs the right to make schemas, which who owns one may lack.
            let there = self.sql("SELECT to_regnamespace('{schema}') IS NOT NULL");
            let rows = transaction.query_typed(&there, &[]).await;
            if !rows.map_err(failed)?[0].get::<_, bool>(0) {
                let make = self.sql("CREATE SCHEMA {schema}");
                transaction.batch_execute(&make).await.map_err(failed)?;
            }
            let make = self.sql(SCHEMA);
            transaction.batch_execute(&make).await.map_err(failed)?;
            self.note_version(&transaction).await?;
            self.migrate(&transaction, 1).await?;
            self.note_bot(&transaction, bot).await?;
        }
        for functions in FUNCTIONS {
            let functions = self.sql(functions);
            transaction
                .batch_execute(&functions)
                .await
                .map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    /// The version of the tables, which say this of themselves, if this program works with them or can migrate them.
    pub(super) fn check_version(
        &self,
        version: Option<String>,
        works_with: Option<String>,
    ) -> Result<usize, PostgresError> {
        let Some(version) = version else {
            return Err(self.foreign("the schema has a table `meta` of something else"));
        };
        let number = version.parse::<usize>().ok().filter(|found| *found > 0);
        let oldest = works_with.and_then(|oldest| oldest.parse().ok());
        match number {
            Some(found) if found <= VERSION => Ok(found),
            Some(found) if oldest.is_some_and(|oldest: usize| oldest <= VERSION) => Ok(found),
            _ => Err(self.foreign(format!(
                "its tables have version {version}, and this program needs version {VERSION}; use the release of `handover` that made them, or a newer one"
            ))),
        }
    }

    /// Brings the tables to this version, if they are older.
    async fn migrate(
        &self,
        transaction: &tokio_postgres::Transaction<'_>,
        found: usize,
    ) -> Result<(), PostgresError> {
        if found >= VERSION {
            return Ok(());
        }
        let failed = |error| self.failed(&error);
        let wait = transaction.batch_execute(LOCK_TIMEOUT).await;
        wait.map_err(failed)?;
        for migration in MIGRATIONS.iter().skip(found - 1) {
            let migrated = transaction.batch_execute(&self.sql(migration)).await;
            migrated.map_err(failed)?;
        }
        self.note_version(transaction).await?;
        tracing::info!(database = %self.address, from = found, to = VERSION, "the tables are migrated");
        Ok(())
    }

    async fn note_version(
        &self,
        transaction: &tokio_postgres::Transaction<'_>,
    ) -> Result<(), PostgresError> {
        let note = self.sql(
            "INSERT INTO {schema}.meta VALUES ('version', $1), ('works_with', $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        );
        let (version, works_with) = (VERSION.to_string(), WORKS_WITH.to_string());
        let parameters: [SqlParameter<'_>; 2] = [(&version, Type::TEXT), (&works_with, Type::TEXT)];
        let noted = transaction.query_typed(&note, &parameters).await;
        noted.map_err(|error| self.failed(&error))?;
        Ok(())
    }

    async fn note_bot(
        &self,
        transaction: &tokio_postgres::Transaction<'_>,
        bot: Option<&str>,
    ) -> Result<(), PostgresError> {
        let Some(bot) = bot else {
            return Ok(());
        };
        let note = self.sql("INSERT INTO {schema}.meta VALUES ('bot', $1)");
        let noted = transaction.query_typed(&note, &[(&bot, Type::TEXT)]).await;
        noted.map_err(|error| self.failed(&error))?;
        Ok(())
    }

    /// Whether the server still takes changes, which may be another one than before.
    pub(super) async fn check_writable(&self, client: &Client) -> Result<(), PostgresError> {
        let sql = "SELECT current_setting('transaction_read_only')";
        let rows = client.query_typed(sql, &[]).await;
        let rows = rows.map_err(|error| self.failed(&error))?;
        match rows[0].get(0) {
            "on" => Err(self.read_only()),
            _ => Ok(()),
        }
    }

    async fn check(&self, client: &Client) -> Result<(), PostgresError> {
        let rows = client
            .query_typed(
                "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                        current_setting('fsync'), current_setting('full_page_writes'),
                        current_setting('synchronous_commit'), pg_is_in_recovery(),
                        current_setting('transaction_read_only'), current_setting('server_encoding')",
                &[],
            )
            .await
            .map_err(|error| self.failed(&error))?;
        let row: &Row = &rows[0];
        let text = |column: usize| row.get::<_, &str>(column);
        if row.get::<_, i32>(0) < OLDEST_SERVER {
            return Err(self.unsuitable(format!(
                "the server is PostgreSQL {}, and 13 or later is needed",
                text(1)
            )));
        }
        if row.get::<_, bool>(5) || text(6) == "on" {
            return Err(self.unsuitable(READ_ONLY));
        }
        for (column, setting) in [(2, "fsync"), (3, "full_page_writes")] {
            if text(column) == "off" {
                return Err(self.unsuitable(format!(
                    "`{setting}` is off, so a crash of the server loses what it has confirmed; turn it on"
                )));
            }
        }
        if text(4) == "off" {
            return Err(self.unsuitable(
                "`synchronous_commit` is off, so a crash of the server loses what it has confirmed; turn it on for this user or database",
            ));
        }
        if text(7) != "UTF8" {
            return Err(self.unsuitable(format!("its encoding is {}, and UTF8 is needed", text(7))));
        }
        Ok(())
    }
}

/// Whether another attempt may succeed: otherwise the two sides do not agree about encryption.
fn is_of_the_network(error: &tokio_postgres::Error) -> bool {
    let mut causes = std::iter::successors(std::error::Error::source(error), |it| it.source());
    let io = causes.find_map(|cause| cause.downcast_ref::<std::io::Error>());
    let refuses = |io: &std::io::Error| io.kind() == std::io::ErrorKind::InvalidData;
    error.is_closed() || io.is_some_and(|io| !refuses(io))
}

/// What the server or the system says, without what was asked.
fn text_of(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(error) => match error.hint() {
            Some(hint) => format!("{} ({hint})", error.message()),
            None => error.message().to_owned(),
        },
        None => crate::causes::with_causes(error).to_string(),
    }
}

/// What a notification says.
pub(super) fn payload(message: AsyncMessage) -> Option<String> {
    match message {
        AsyncMessage::Notification(notification) => Some(notification.payload().to_owned()),
        _ => None,
    }
}
