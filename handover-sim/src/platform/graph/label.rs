//! Labels that an account puts on persons.

use std::collections::BTreeSet;

use handover_protocol::{AccountId, PersonId};
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform, Refusal};
use super::fields::FieldList;
use super::listing::PageRequest;
use super::{Parameters, quiet, success};

/// Label of an account.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    id: String,
    name: String,
    account: AccountId,
    pub(super) persons: BTreeSet<PersonId>,
}

const FIELDS: &str = "id";

impl Platform {
    /// `POST /{page-id}/custom_labels` with `page_label_name`.
    pub fn create_label(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let name = Parameter::new("page_label_name", parameters.get("page_label_name"));
        let text = name.words(usize::MAX)?.into_owned();
        if self.labels_of(call).any(|label| label.name == text) {
            return Err(name.wrong("not be the name of another label"));
        }
        let id = self.ids.number();
        self.records.labels.push(Label {
            id: id.clone(),
            name: text,
            account: call.account.clone(),
            persons: BTreeSet::new(),
        });
        Ok(quiet(json!({"id": id})))
    }

    /// `GET /{page-id}/custom_labels`.
    pub fn labels(&self, call: &CallContext<'_>, parameters: &Parameters) -> GraphResult<Value> {
        self.account_of_call(call)?;
        list(&self.labels_of(call).collect::<Vec<_>>(), parameters)
    }

    /// `GET /{psid}/custom_labels`.
    pub fn labels_on(
        &self,
        call: &CallContext<'_>,
        person: &PersonId,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.thread_called(call, person)?;
        let theirs = self.labels_of(call);
        let theirs: Vec<_> = theirs
            .filter(|label| label.persons.contains(person))
            .collect();
        list(&theirs, parameters)
    }

    /// `GET /{label-id}`.
    pub fn label(
        &self,
        call: &CallContext<'_>,
        id: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let label = self.labels_of(call).find(|label| label.id == id);
        let label = label.ok_or_else(|| Refusal::path("get", id))?;
        view(label, &FieldList::read(parameters, FIELDS)?).map(quiet)
    }

    /// `DELETE /{label-id}`.
    pub fn delete_label(&mut self, call: &CallContext<'_>, id: &str) -> GraphResult<Value> {
        self.own_label(call, "delete", id)?;
        self.records.labels.retain(|label| label.id != id);
        Ok(success())
    }

    /// `POST /{label-id}/label` and `DELETE /{label-id}/label`, with `user`.
    pub fn put_label(
        &mut self,
        call: &CallContext<'_>,
        id: &str,
        parameters: &Parameters,
        on: bool,
    ) -> GraphResult<Value> {
        let user = Parameter::new("user", parameters.get("user"));
        let person = PersonId::new(user.needed_text()?);
        let method = if on { "post" } else { "delete" };
        self.own_label(call, method, id)?;
        self.thread_called(call, &person)?;
        let label = self.own_label(call, method, id)?;
        if on {
            label.persons.insert(person);
        } else {
            label.persons.remove(&person);
        }
        Ok(success())
    }

    /// Whether a path names a label.
    pub(crate) fn has_label(&self, id: &str) -> bool {
        self.records.labels.iter().any(|label| label.id == id)
    }

    fn labels_of(&self, call: &CallContext<'_>) -> impl Iterator<Item = &Label> {
        let account = call.account.clone();
        let labels = self.records.labels.iter();
        labels.filter(move |label| label.account == account)
    }

    fn own_label(
        &mut self,
        call: &CallContext<'_>,
        method: &str,
        id: &str,
    ) -> Result<&mut Label, Refusal> {
        self.records
            .labels
            .iter_mut()
            .find(|label| label.id == id && label.account == *call.account)
            .ok_or_else(|| Refusal::path(method, id))
    }
}

fn list(labels: &[&Label], parameters: &Parameters) -> GraphResult<Value> {
    let fields = FieldList::read(parameters, FIELDS)?;
    PageRequest::read(parameters)?
        .of(labels, |label| &label.id, |label| view(label, &fields))
        .map(quiet)
}

fn view(label: &Label, fields: &FieldList) -> Result<Value, Refusal> {
    fields.view("Page Label", &label.id, |field| match field.name() {
        "page_label_name" | "name" => Some(Ok(json!(label.name))),
        _ => None,
    })
}
