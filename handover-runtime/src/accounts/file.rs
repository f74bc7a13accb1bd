use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use handover_protocol::AccountId;

use super::{Account, TokenFuture, TokenStore};

/// Token store in a file. The file is read again when it changes.
///
/// ```json
/// [
///   {"page": "1744550565845823", "access_token": "EAAB…", "instagram": ["17841405793187218"]},
///   {"page": "1063254873751024", "access_token": "EAAC…", "send_rate": {"messages": 40, "media": 5}}
/// ]
/// ```
///
/// Pass it to [`Config::accounts_file`](crate::Config::accounts_file), or set `MESSENGER_ACCOUNTS_FILE` to
/// its path. If a changed file cannot be read, the accounts stay as they were.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    read: Mutex<LoadedFile>,
}

#[derive(Debug)]
struct LoadedFile {
    version: FileVersion,
    /// Said once, until it can be read again.
    is_unreadable: bool,
    accounts: Arc<Vec<Account>>,
}

/// Detects changes of the file.
type FileVersion = Option<(SystemTime, u64)>;

/// Error of a [`TokenFile`]. Never quotes the file, because it contains secrets.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFileError {
    /// The file cannot be read.
    #[error("the accounts file {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Error of the system.
        source: std::io::Error,
    },
    /// The file does not contain accounts.
    #[error(
        "the accounts file {path} is wrong at line {line}, column {column}; it has to be a list like [{{\"page\": \"1744…\", \"access_token\": \"EAAB…\", \"instagram\": [\"1784…\"]}}]"
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line of the error.
        line: usize,
        /// Column of the error.
        column: usize,
    },
    /// An account is in the file twice.
    #[error("the accounts file {path} names account {account} twice; one of them has to go")]
    Twice {
        /// The file.
        path: PathBuf,
        /// The account.
        account: AccountId,
    },
}

impl TokenFile {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or does not contain accounts.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TokenFileError> {
        let path = path.into();
        let read = LoadedFile {
            version: version(&path),
            is_unreadable: false,
            accounts: Arc::new(read(&path)?),
        };
        let read = Mutex::new(read);
        Ok(Self { path, read })
    }

    pub(super) fn now(&self) -> Arc<Vec<Account>> {
        let mut last = self.lock();
        let version = version(&self.path);
        if version == last.version && !last.is_unreadable {
            return last.accounts.clone();
        }
        let read = read(&self.path);
        // What could not be read is read again each time: it may become readable without a change.
        let is_unreadable = matches!(read, Err(TokenFileError::Unreadable { .. }));
        let was_unreadable = std::mem::replace(&mut last.is_unreadable, is_unreadable);
        if !is_unreadable {
            last.version = version;
        }
        match read {
            Ok(accounts) => last.accounts = Arc::new(accounts),
            Err(_) if is_unreadable && was_unreadable => {}
            Err(error) => tracing::error!(%error, "the accounts stay as they were"),
        }
        last.accounts.clone()
    }

    fn lock(&self) -> MutexGuard<'_, LoadedFile> {
        // The value is consistent after every statement.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for TokenFile {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let found = self.now().iter().find(|account| account.is(id)).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        Box::pin(async { Ok(Vec::clone(&self.now())) })
    }
}

fn version(path: &Path) -> FileVersion {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn read(path: &Path) -> Result<Vec<Account>, TokenFileError> {
    let text = fs::read(path).map_err(|source| TokenFileError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    parse(path, &text)
}

pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Vec<Account>, TokenFileError> {
    // Without the error itself: it may quote a token.
    let accounts: Vec<Account> =
        serde_json::from_slice(text).map_err(|error| TokenFileError::Malformed {
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
        })?;
    let mut ids = BTreeSet::new();
    let twice = accounts
        .iter()
        .flat_map(Account::ids)
        .find(|id| !ids.insert(*id));
    match twice.cloned() {
        Some(account) => Err(TokenFileError::Twice {
            path: path.to_owned(),
            account,
        }),
        None => Ok(accounts),
    }
}
