use handover_protocol::AccountId;

use super::{Account, TokenFile, TokenFuture, TokenStore};

/// Token store with the accounts of the configuration and of its accounts file.
pub(crate) struct ConfiguredAccounts {
    pub(crate) listed: Vec<Account>,
    pub(crate) file: Option<TokenFile>,
}

impl TokenStore for ConfiguredAccounts {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        if let Some(file) = &self.file
            && !self.listed.iter().any(|account| account.is(id))
        {
            return file.account(id);
        }
        self.listed.account(id)
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        let mut all = self.listed.clone();
        if let Some(file) = &self.file {
            all.extend_from_slice(&file.now());
        }
        Box::pin(async { Ok(all) })
    }
}
