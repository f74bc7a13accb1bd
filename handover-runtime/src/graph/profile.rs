//! The Messenger Profile: greeting, menu, ice breakers and other settings of an account.

use handover_protocol::{
    DeleteProfile, DeleteUserSettings, IceBreaker, IceBreakerQuestion, Listing, MessengerProfile,
    Object, PersistentMenu, PersonId, UserSettings, UserSettingsRow,
};
use serde_json::Value;

use super::client::Graph;
use super::error::GraphError;
use super::routing::Endpoint;

/// All fields of a profile, by product.
const FIELDS: &str = "get_started,greeting,ice_breakers,persistent_menu,commands,whitelisted_domains,account_linking_url";
const INSTAGRAM_FIELDS: &str = "ice_breakers,persistent_menu";

impl Graph {
    /// Returns the Messenger Profile. Limit of profile calls: 10 in 10 minutes for a Page.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// use handover_protocol::{GetStarted, MessengerProfile};
    ///
    /// if graph.profile().await?.get_started.is_none() {
    ///     let profile = MessengerProfile {
    ///         get_started: Some(GetStarted::new("GET_STARTED")),
    ///         ..Default::default()
    ///     };
    ///     graph.set_profile(&profile).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn profile(&self) -> Result<MessengerProfile, GraphError> {
        let mut request = self.request(Endpoint::GetProfile);
        request = match self.platform() {
            Some(platform) => request
                .query("fields", INSTAGRAM_FIELDS)
                .query("platform", platform),
            None => request.query("fields", FIELDS),
        };
        let answer: Listing<MessengerProfile> = request.answer().await?;
        Ok(whole(answer.data))
    }

    /// Sets the fields of the profile that are given, and leaves the others as they are. Instagram has ice
    /// breakers and a menu only.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn set_profile(&self, profile: &MessengerProfile) -> Result<(), GraphError> {
        profile.check()?;
        let platform = self.platform().map(str::to_owned);
        let profile = MessengerProfile {
            platform: platform.or_else(|| profile.platform.clone()),
            ..profile.clone()
        };
        let request = self.request(Endpoint::SetProfile);
        request.json(&profile).done().await
    }

    /// Deletes fields of the profile, such as `greeting`.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn delete_profile<F: Into<String>>(
        &self,
        fields: impl IntoIterator<Item = F>,
    ) -> Result<(), GraphError> {
        let delete = DeleteProfile {
            fields: fields.into_iter().map(Into::into).collect(),
            platform: self.platform().map(str::to_owned),
            ..DeleteProfile::default()
        };
        let request = self.request(Endpoint::DeleteProfile);
        request.json(&delete).done().await
    }

    /// Returns the menu of one person, and the menu of all.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn user_settings(&self, person: &PersonId) -> Result<UserSettingsRow, GraphError> {
        let request = self.request(Endpoint::GetUserSettings);
        let answer: Listing<UserSettingsRow> =
            request.query("psid", person.as_str()).answer().await?;
        Ok(answer.data.into_iter().next().unwrap_or_default())
    }

    /// Sets a menu for one person. Limit: 10 calls in 10 minutes for a person.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn set_user_menu(
        &self,
        person: &PersonId,
        menu: impl IntoIterator<Item = PersistentMenu>,
    ) -> Result<(), GraphError> {
        let settings = UserSettings {
            psid: person.clone(),
            persistent_menu: menu.into_iter().collect(),
            ..UserSettings::default()
        };
        settings.check()?;
        let request = self.request(Endpoint::SetUserSettings);
        request.json(&settings).done().await
    }

    /// Deletes the menu of one person, who gets the menu of all again.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn delete_user_menu(&self, person: &PersonId) -> Result<(), GraphError> {
        let delete = DeleteUserSettings {
            psid: person.clone(),
            params: vec!["persistent_menu".to_owned()],
            ..DeleteUserSettings::default()
        };
        let request = self.request(Endpoint::DeleteUserSettings);
        request.json(&delete).done().await
    }

    /// Parameter that directs a call through the Page to its Instagram account.
    pub(super) fn platform(&self) -> Option<&'static str> {
        (*self.product() == Object::Instagram).then_some("instagram")
    }
}

/// Merges all rows into one profile: the platform also returns the ice breakers of each locale as a
/// separate row.
fn whole(rows: Vec<MessengerProfile>) -> MessengerProfile {
    let mut profile = MessengerProfile::default();
    for row in rows {
        match ice_breaker(&row) {
            Some(ice_breaker) => profile.ice_breakers.push(ice_breaker),
            None => {
                let mut ice_breakers = row.ice_breakers.clone();
                ice_breakers.append(&mut profile.ice_breakers);
                profile = MessengerProfile {
                    ice_breakers,
                    ..row
                };
            }
        }
    }
    profile
}

fn ice_breaker(row: &MessengerProfile) -> Option<IceBreaker> {
    let row = Value::Object(row.extra.clone());
    let ice_breaker: IceBreaker = serde_json::from_value(row).ok()?;
    let is_one = |question: &IceBreakerQuestion| question.question.is_some();
    let asks = ice_breaker.question.is_some() || ice_breaker.call_to_actions.iter().any(is_one);
    asks.then_some(ice_breaker)
}
