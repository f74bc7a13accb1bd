//! What an app may ask about the Page's set-up.

use handover_protocol::{MessagingFeatureStatus, SecondaryReceiver, SecondaryReceivers};

use super::{Call, Platform, Product, Refusal, Routing};

impl Platform {
    /// The `messaging_feature_status` of a Page and the Instagram account linked to it: which of them
    /// have conversation routing, and whether the Handover Protocol of old is in use.
    pub fn messaging_feature_status(
        &self,
        call: &Call<'_>,
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

    /// `GET /{page-id}/secondary_receivers`: the other apps, for the default app or primary receiver
    /// only. The edge is a remainder of older days and gone where there is neither.
    pub fn secondary_receivers(&self, call: &Call<'_>) -> Result<SecondaryReceivers, Refusal> {
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
