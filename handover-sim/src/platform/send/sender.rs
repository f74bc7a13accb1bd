//! Permission to send.

use handover_protocol::{AccountId, AppId, Timestamp};

use super::super::contact::Contact;
use super::super::graph::UploadedFile;
use super::super::thread::ChatMessage;
use super::super::thread_tx::ThreadTx;
use super::super::{Product, Refusal, SendChecks};
use super::purpose::Purpose;

/// Sender of a call, for the validation of parameters.
pub(super) struct CallSender<'a> {
    pub(super) product: Product,
    /// Account in the path, which owns saved data.
    pub(super) account: &'a AccountId,
    pub(super) now: Timestamp,
    /// Uploaded file.
    pub(super) upload: Option<&'a UploadedFile>,
}

impl SendChecks {
    pub(super) fn parameters_first(self) -> bool {
        self != Self::ParametersLast
    }

    pub(super) fn first_of(
        self,
        owner: Result<(), Refusal>,
        window: Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        match self {
            Self::WindowFirst => window.and(owner),
            Self::OwnerFirst | Self::ParametersLast => owner.and(window),
        }
    }
}

impl ThreadTx<'_> {
    /// Checks that the app may send for this purpose. `HUMAN_AGENT` requires a feature.
    pub(super) fn check_sending(&self, app: &AppId, purpose: Purpose) -> Result<(), Refusal> {
        let human_agent = purpose == Purpose::HumanAgent;
        if human_agent && !self.has_human_agent(app) {
            return Err(Refusal::permission(
                "The app does not have the Human Agent feature",
            ));
        }
        self.check_sender(app, human_agent)
    }

    /// Takes control for a human agent tool.
    pub(super) fn take_as_human_agent(&mut self, app: &AppId, purpose: Purpose) {
        let responsible = self.owner().or_else(|| self.default_app().cloned());
        let of_another = responsible.is_some_and(|responsible| responsible != *app);
        if purpose == Purpose::HumanAgent && of_another {
            self.take(app, None);
        }
    }

    /// Checks the messaging window.
    pub(super) fn check_window(
        &self,
        purpose: Purpose,
        contact: Option<&Contact>,
    ) -> Result<(), Refusal> {
        if let Some(contact) = contact
            && let Some(verdict) = contact.allows(self.now, self.account.product)
        {
            return verdict;
        }
        let open = match purpose {
            Purpose::Standard => self.thread.window_until(self.now).is_some(),
            Purpose::HumanAgent | Purpose::Feedback => {
                self.thread.human_agent_until(self.now).is_some()
            }
            Purpose::Utility => true,
        };
        if open {
            Ok(())
        } else {
            Err(Refusal::outside_window(self.account.product))
        }
    }

    fn has_human_agent(&self, app: &AppId) -> bool {
        let app = self.apps.iter().find(|known| known.id == *app);
        app.is_some_and(|app| app.human_agent)
    }

    /// Returns the message that a parameter names: one of the thread that was not unsent.
    pub(super) fn named_message(
        &mut self,
        mid: &str,
        parameter: &str,
    ) -> Result<&mut ChatMessage, Refusal> {
        match self.thread.message_mut(mid) {
            Some(message) if message.unsent => Err(Refusal::message_gone()),
            Some(message) => Ok(message),
            None => Err(Refusal::parameter(format_args!(
                "Param {parameter} must be a message of this thread"
            ))),
        }
    }
}
