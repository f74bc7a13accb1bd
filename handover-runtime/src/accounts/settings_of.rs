//! The function that gives accounts their settings.

use std::any::type_name;
use std::sync::Arc;

use super::{Account, AccountSettings};
use crate::state::SharedStates;

/// What [`Bot::settings_of`](crate::Bot::settings_of) takes: a function of the account, or of the account
/// and the bot's state.
#[diagnostic::on_unimplemented(
    message = "this gives no settings of an account",
    label = "not a function of `&Account`, or of `&Account` and the bot's state",
    note = "write the types: `|account: &Account, state: &MyState| AccountSettings::new()`"
)]
pub trait SettingsOf<Arguments> {
    #[doc(hidden)]
    fn unbound(self) -> UnboundSettings;
}

/// A [`SettingsOf`] that still has no state.
#[doc(hidden)]
pub struct UnboundSettings(Box<dyn FnOnce(&SharedStates) -> Bound + Send>);

type Bound = Result<BoundSettings, MissingState>;

/// A [`SettingsOf`] with its state.
pub(crate) type BoundSettings = Arc<dyn Fn(&Account) -> AccountSettings + Send + Sync>;

/// The bot has no state of this type.
#[derive(Clone, Debug, thiserror::Error)]
#[error(
    "`Bot::settings_of` takes the state `{0}`, and the bot has none of this type; give it to `Bot::with_state`"
)]
pub(crate) struct MissingState(&'static str);

impl UnboundSettings {
    pub(crate) fn bind(self, states: &SharedStates) -> Bound {
        (self.0)(states)
    }
}

impl<F> SettingsOf<(Account,)> for F
where
    F: Fn(&Account) -> AccountSettings + Send + Sync + 'static,
{
    fn unbound(self) -> UnboundSettings {
        UnboundSettings(Box::new(|_| Ok(Arc::new(self))))
    }
}

impl<F, S> SettingsOf<(Account, S)> for F
where
    F: Fn(&Account, &S) -> AccountSettings + Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    fn unbound(self) -> UnboundSettings {
        UnboundSettings(Box::new(move |states| {
            let state: Arc<S> = states.get().ok_or(MissingState(type_name::<S>()))?;
            Ok(Arc::new(move |account| self(account, &state)))
        }))
    }
}
