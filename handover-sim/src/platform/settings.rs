//! What an app may ask about the Page's set-up.

use handover_protocol::{MessagingFeatureStatus, SecondaryReceiver, SecondaryReceivers};

use super::{Call, Page, Platform, Refusal};

impl Platform {
    /// The `messaging_feature_status` of a Page: whether conversation routing is on.
    pub fn messaging_feature_status(
        &self,
        call: &Call<'_>,
    ) -> Result<MessagingFeatureStatus, Refusal> {
        Ok(MessagingFeatureStatus {
            msgr_multi_app: self.page_of(call)?.has_conversation_routing(),
            ..MessagingFeatureStatus::default()
        })
    }

    /// `GET /{page-id}/secondary_receivers`: the other apps, for the default app only. The edge is
    /// a remainder of older days and gone where there is no default app.
    pub fn secondary_receivers(&self, call: &Call<'_>) -> Result<SecondaryReceivers, Refusal> {
        let Some(primary) = &self.page_of(call)?.default_app else {
            return Err(Refusal::parameter(
                "Tried accessing nonexisting field (secondary_receivers)",
            ));
        };
        if primary != call.app {
            return Err(Refusal::secondaries_hidden());
        }
        let others = self.apps.iter().filter(|app| app.id != *primary);
        Ok(SecondaryReceivers {
            data: others
                .map(|app| SecondaryReceiver {
                    id: app.id.clone(),
                    name: Some(app.name.clone()),
                    ..SecondaryReceiver::default()
                })
                .collect(),
            ..SecondaryReceivers::default()
        })
    }

    pub(crate) fn page_of(&self, call: &Call<'_>) -> Result<&Page, Refusal> {
        self.pages
            .iter()
            .find(|page| page.id == *call.page)
            .ok_or_else(|| Refusal::path("get", call.page.as_str()))
    }
}
