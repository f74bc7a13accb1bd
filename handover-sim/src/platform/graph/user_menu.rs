//! User-level persistent menus.

use handover_protocol::PersonId;
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform, Refusal};
use super::profile::check_menu;
use super::{Parameters, quiet};

/// Maximum nesting of a user-level menu (custom user settings).
const LEVELS: usize = 3;

impl Platform {
    /// `GET /{page-id}/custom_user_settings?psid=…`.
    pub fn user_settings(
        &self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let person = self.set_for(call, parameters)?;
        let account = &self.thread_called(call, &person)?.account;
        let mut shown = json!({});
        if let Some(menu) = self.records.menus.get(&person) {
            shown["user_level_persistent_menu"] = menu.clone();
        }
        if let Some(menu) = self.property(account, "persistent_menu") {
            shown["page_level_persistent_menu"] = menu;
        }
        Ok(quiet(json!({"data": [shown]})))
    }

    /// `POST /{page-id}/custom_user_settings` with `psid` and `persistent_menu`.
    pub fn set_user_settings(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let person = self.set_for(call, parameters)?;
        let menu = Parameter::new("persistent_menu", parameters.get("persistent_menu"));
        check_menu(&menu, LEVELS)?;
        self.records.menus.insert(person, menu.value().clone());
        Ok(quiet(json!({"result": "success"})))
    }

    /// `DELETE /{page-id}/custom_user_settings` with `psid` and `params=["persistent_menu"]`.
    pub fn delete_user_settings(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let person = self.set_for(call, parameters)?;
        for name in Parameter::new("params", parameters.get("params")).list(1..=1)? {
            name.needed_one_of(["persistent_menu"])?;
        }
        self.records.menus.remove(&person);
        Ok(quiet(json!({"result": "success"})))
    }

    fn set_for(
        &self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> Result<PersonId, Refusal> {
        let psid = Parameter::new("psid", parameters.get("psid"));
        let person = PersonId::new(psid.needed_text()?);
        self.thread_called(call, &person)?;
        Ok(person)
    }
}
