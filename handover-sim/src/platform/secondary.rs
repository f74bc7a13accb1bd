//! Calls about the setup of a Page.

use handover_protocol::{MessagingFeatureStatus, SecondaryReceiver, SecondaryReceivers};

use super::{CallContext, Platform, Product, Refusal, Routing};

impl Platform {
    /// Returns `messaging_feature_status` of a Page and its linked Instagram account: which use
    /// conversation routing or the Handover Protocol.
    pub fn messaging_feature_status(
        &self,
        call: &CallContext<'_>,
    ) -> Result<MessagingFeatureStatus, Refusal> {
        let called = self.account_of_call(call)?.graph_id();
        let accounts = self.accounts.iter();
        let mut status = MessagingFeatureStatus::default();
        for account in accounts.filter(|account| account.graph_id() == called) {
            match (&account.routing, account.product) {
                (Routing::Conversation { .. }, Product::Messenger) => status.msgr_multi_app = true,
                (Routing::Conversation { .. }, Product::Instagram) => status.ig_multi_app = true,
                (Routing::Legacy { .. }, _) => status.hop_v2 = true,
                (Routing::ZeroConfig, _) => {}
            }
        }
        Ok(status)
    }

    /// `GET /{page-id}/secondary_receivers`: returns the other apps. Only for the default app or
    /// primary receiver; without either, the edge does not exist.
    pub fn secondary_receivers(
        &self,
        call: &CallContext<'_>,
    ) -> Result<SecondaryReceivers, Refusal> {
        let account = self.account_of_call(call)?;
        let Some(primary) = account.routing.default_app() else {
            return Err(Refusal::parameter(
                "Tried accessing nonexisting field (secondary_receivers)",
            ));
        };
        if primary != call.app {
            return Err(Refusal::secondaries_hidden());
        }
        let connections = account.connections().iter();
        let others = connections.filter(|connection| connection.app != *primary);
        Ok(SecondaryReceivers {
            data: others
                .map(|connection| SecondaryReceiver {
                    id: connection.app.clone(),
                    name: self.app(&connection.app).map(|app| app.name.clone()),
                    ..SecondaryReceiver::default()
                })
                .collect(),
            ..SecondaryReceivers::default()
        })
    }
}
