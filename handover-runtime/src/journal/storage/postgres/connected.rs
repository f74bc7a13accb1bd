//! A connection for an operator's command, which takes no part in the work of the nodes.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::Client;

use super::address::PostgresAddress;
use super::database::{ANSWER_WITHIN, Database, VERSION};
use super::error::PostgresError;
use super::read::RowReader;

/// How long the server may take to hear that nobody waits for a statement any more.
const CANCEL_WITHIN: Duration = Duration::from_secs(1);

/// Waits for each answer in a separate thread, so it can be used inside and outside an async runtime.
pub(super) struct Connected {
    pub(super) database: Database,
    client: Client,
    /// Drives the connection; `None` once it is dropped.
    runtime: Option<Runtime>,
}

impl Connected {
    /// Connects to a journal that is there.
    pub(super) fn open(address: &PostgresAddress) -> Result<Self, PostgresError> {
        let connected = Self::open_any(address)?;
        connected.ask(async |reader| reader.database.check_journal(reader.client).await)?;
        Ok(connected)
    }

    /// Connects to whatever is there.
    pub(super) fn open_any(address: &PostgresAddress) -> Result<Self, PostgresError> {
        let database = Database::new(address)?;
        let unreachable = |error: std::io::Error| PostgresError::Unreachable {
            database: address.to_string(),
            reason: error.to_string(),
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(unreachable)?;
        let connecting = async { database.connect(runtime.handle()).await };
        let client = match in_a_thread(&database, || runtime.block_on(connecting)) {
            Ok(client) => client,
            Err(error) => {
                // It must not wait, either.
                runtime.shutdown_background();
                return Err(error);
            }
        };
        Ok(Self {
            database,
            client,
            runtime: Some(runtime),
        })
    }

    /// Asks the database, which has to answer in time.
    pub(super) fn ask<T: Send>(
        &self,
        question: impl AsyncFnOnce(RowReader<'_>) -> Result<T, PostgresError> + Send,
    ) -> Result<T, PostgresError> {
        self.ask_for_long(async |reader| {
            let answer = tokio::time::timeout(ANSWER_WITHIN, question(reader)).await;
            if let Ok(answer) = answer {
                return answer;
            }
            // Waited for: the command may end with this error, and the runtime with it. The server would carry the
            // statement out later.
            self.database.cancel(&self.client, CANCEL_WITHIN).await;
            Err(self.database.silent())
        })
    }

    /// The same, however long it takes.
    pub(super) fn ask_for_long<T: Send>(
        &self,
        question: impl AsyncFnOnce(RowReader<'_>) -> Result<T, PostgresError> + Send,
    ) -> Result<T, PostgresError> {
        let Some(runtime) = &self.runtime else {
            return Err(self.database.silent());
        };
        let reader = RowReader {
            database: &self.database,
            client: &self.client,
        };
        in_a_thread(&self.database, || runtime.block_on(question(reader)))
    }
}

/// Whoever calls may be in a tokio runtime, where nothing may wait.
fn in_a_thread<T: Send>(
    database: &Database,
    work: impl FnOnce() -> Result<T, PostgresError> + Send,
) -> Result<T, PostgresError> {
    let ended = std::thread::scope(|scope| scope.spawn(work).join());
    ended.unwrap_or_else(|_| Err(database.unreadable("the program failed")))
}

impl Drop for Connected {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // It must not wait, either.
            runtime.shutdown_background();
        }
    }
}

impl Database {
    /// Whether a journal of this version is there.
    async fn check_journal(&self, client: &Client) -> Result<(), PostgresError> {
        let failed = |error| self.failed(&error);
        let table = self.sql("SELECT to_regclass('{schema}.meta') IS NOT NULL");
        let rows = client.query_typed(&table, &[]).await.map_err(failed)?;
        if !rows[0].get::<_, bool>(0) {
            return Err(
                self.foreign("there are no tables; a bot that starts with this address makes them")
            );
        }
        let facts = self.sql(
            "SELECT (SELECT value FROM {schema}.meta WHERE name = 'version'),
                    (SELECT value FROM {schema}.meta WHERE name = 'works_with')",
        );
        let facts = client.query_typed(&facts, &[]).await.map_err(failed)?;
        let found = self.check_version(facts[0].get(0), facts[0].get(1))?;
        if found < VERSION {
            return Err(self.foreign(format!(
                "its tables have version {found}, and this program needs version {VERSION}; the first node of this release migrates them"
            )));
        }
        Ok(())
    }
}
