//! Who may send, and when.

use handover_protocol::{AccountId, AppId, Timestamp};

use super::super::contact::Contact;
use super::super::graph::Upload;
use super::super::thread_tx::ThreadTx;
use super::super::{Product, Refusal, SendChecks};
use super::purpose::Purpose;

/// Who sends: what parameters are judged by.
pub(super) struct Sender<'a> {
    pub(super) product: Product,
    /// The account in the path: what is kept on the platform is private to it.
    pub(super) account: &'a AccountId,
    pub(super) now: Timestamp,
    /// The file that came along.
    pub(super) upload: Option<&'a Upload>,
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
    /// Whether the app may send for this purpose. A human agent's tool needs a feature for it.
    pub(super) fn check_sending(&self, app: &AppId, purpose: Purpose) -> Result<(), Refusal> {
        let human_agent = purpose == Purpose::HumanAgent;
        if human_agent && !self.has_human_agent(app) {
            return Err(Refusal::permission(
                "The app does not have the Human Agent feature",
            ));
        }
        self.check_sender(app, human_agent)
    }

    /// Sending as a human agent takes control from whoever has it, or would get it.
    pub(super) fn take_as_human_agent(&mut self, app: &AppId, purpose: Purpose) {
        let responsible = self.owner().or_else(|| self.default_app().cloned());
        let of_another = responsible.is_some_and(|responsible| responsible != *app);
        if purpose == Purpose::HumanAgent && of_another {
            self.take(app, None);
        }
    }

    /// Whether a message may be sent this long after the person's last word.
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

    /// What is answered has to be in the thread.
    pub(super) fn check_reply_to(&self, mid: Option<&str>) -> Result<(), Refusal> {
        match mid {
            Some(mid) if !self.thread.messages().any(|message| message.mid == mid) => Err(
                Refusal::parameter("Param reply_to[mid] must be a message of this thread"),
            ),
            _ => Ok(()),
        }
    }
}
