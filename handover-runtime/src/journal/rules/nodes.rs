//! Whose a thread is, where several nodes share the storage.

use handover_protocol::{AccountId, Timestamp};

use super::{JournalRules, NodeShare, RowChange};
use crate::journal::SharedPause;
use crate::journal::forward::ForwardedCommand;
use crate::journal::lanes::Lanes;
use crate::thread::ThreadKey;

impl JournalRules {
    /// Whether there may be other nodes.
    pub(in crate::journal) fn is_shared(&self) -> bool {
        self.node.is_some()
    }

    /// The part of this node.
    pub(in crate::journal) fn share(&self) -> NodeShare {
        self.node.unwrap_or(NodeShare {
            lanes: Lanes::ALL,
            ..NodeShare::default()
        })
    }

    /// Whether the thread is worked by this node.
    pub(in crate::journal) fn owns(&self, thread: &ThreadKey) -> bool {
        match &self.node {
            None => true,
            Some(share) => share.lanes.contains(thread.lane()),
        }
    }

    /// Another node carries it out.
    pub(in crate::journal) fn forward(&mut self, command: ForwardedCommand) {
        self.changes.push(RowChange::Forwarded(Box::new(command)));
    }

    /// All other nodes let nothing of the account wait for its time any longer.
    pub(in crate::journal) fn forward_make_due(&mut self, account: &AccountId, now: Timestamp) {
        if let Some(share) = self.node {
            for lane in Lanes::ALL.without(share.lanes).iter() {
                self.forward(ForwardedCommand::MakeDue {
                    account: account.clone(),
                    now,
                    lane,
                });
            }
        }
    }

    /// Sending is paused for an account, or goes on.
    pub(in crate::journal) fn share_pause(
        &mut self,
        account: &AccountId,
        pause: Option<SharedPause>,
        at: Timestamp,
    ) {
        self.row(|| match pause.map(Box::new) {
            Some(pause) => RowChange::AccountPaused { pause, at },
            None => RowChange::AccountResumed(account.clone()),
        });
    }

    /// What another node has stored is carried out.
    pub(in crate::journal) fn taken_up(&mut self, lane: u8, id: i64) {
        self.changes.push(RowChange::TakenUp { lane, id });
    }

    /// Another node hears what was deleted of the thread that was forgotten last.
    pub(in crate::journal) fn answer(&mut self, name: String) {
        self.changes.push(RowChange::Answered(name));
    }
}
