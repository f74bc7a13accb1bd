//! Account linking: connects a person to their account at the business.

use handover_protocol::{AccountLinking, EventBody, PersonId, Timestamp};
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::thread_tx::ThreadTx;
use super::super::{ActionError, CallContext, GraphResult, Platform, Refusal, Step};
use super::Parameters;

/// Lifetime of a linking token: five minutes (account linking).
const TOKEN: i64 = 5 * 60 * 1000;

impl Platform {
    /// The person follows an `account_link` button. Returns the `account_linking_token` for the
    /// login page of the business.
    pub fn follow_account_link(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let tx = self.begin_for_person(person, now)?;
        let token = tx.ids.number();
        let step = tx.commit(token.clone());
        self.records
            .link_tokens
            .insert(token, (person.clone(), now));
        Ok(step)
    }

    /// The person has logged in, and the login page redirects them with this authorization code.
    pub fn finish_account_link(
        &mut self,
        person: &PersonId,
        authorization_code: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let event = tx.by_person(EventBody::AccountLinking(AccountLinking {
            status: Some("linked".to_owned()),
            authorization_code: Some(authorization_code.to_owned()),
            ..AccountLinking::default()
        }));
        tx.announce(&event);
        let step = tx.commit(());
        self.records.linked.insert(person.clone());
        Ok(step)
    }

    /// The person taps an `account_unlink` button. Has no effect unless the person is logged in.
    pub fn log_out(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<()>, ActionError> {
        let was_linked = self.records.linked.remove(person);
        let mut tx = self.begin_for_person(person, now)?;
        tx.unlinked(was_linked);
        Ok(tx.commit(()))
    }

    /// Returns the person of a linking token that has not expired.
    pub(crate) fn who_logs_in(&self, token: &str, now: Timestamp) -> Option<PersonId> {
        let known = self.records.link_tokens.get(token);
        known
            .filter(|(_, since)| now.as_millis() - since.as_millis() < TOKEN)
            .map(|(person, _)| person.clone())
    }

    /// `GET /me?fields=recipient&account_linking_token=…`: the person of a linking token.
    pub(crate) fn linking(
        &self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> Result<PersonId, Refusal> {
        let name = "account_linking_token";
        let token = Parameter::new(name, parameters.get(name)).needed_text()?;
        self.who_logs_in(token.as_ref(), call.now)
            .filter(|person| self.thread_called(call, person).is_ok())
            .ok_or_else(Refusal::linking_token)
    }

    /// `POST /me/unlink_accounts` with `psid`.
    pub fn unlink_account(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let psid = Parameter::new("psid", parameters.get("psid")).needed_text()?;
        let person = PersonId::new(psid);
        let was_linked = self.records.linked.contains(&person);
        let mut tx = self.begin_for_call(call, &person)?;
        tx.unlinked(was_linked);
        let step = tx.commit(json!({"result": "unlink account success"}));
        self.records.linked.remove(&person);
        Ok(step)
    }
}

impl ThreadTx<'_> {
    fn unlinked(&mut self, was_linked: bool) {
        if was_linked {
            let event = self.by_person(EventBody::AccountLinking(AccountLinking {
                status: Some("unlinked".to_owned()),
                ..AccountLinking::default()
            }));
            self.announce(&event);
        }
    }
}
