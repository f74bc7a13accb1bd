//! Personas.

use handover_protocol::AccountId;
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform, Refusal};
use super::fields::FieldList;
use super::listing::PageRequest;
use super::{Parameters, quiet, success};

/// Maximum length of the name of a persona (personas).
const NAME: usize = 50;

/// Persona of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountPersona {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(super) picture: String,
    pub(super) account: AccountId,
    /// Whether it is deleted. Messages that were sent before keep it.
    pub(super) deleted: bool,
}

impl Platform {
    /// `POST /{page-id}/personas` with `name` and `profile_picture_url`.
    pub fn create_persona(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let name = parameter("name").words(NAME)?.into_owned();
        let picture = parameter("profile_picture_url").needed_url()?.into();
        let id = self.ids.number();
        self.records.personas.push(AccountPersona {
            id: id.clone(),
            name,
            picture,
            account: call.account.clone(),
            deleted: false,
        });
        Ok(quiet(json!({"id": id})))
    }

    /// `GET /{page-id}/personas`, newest first.
    pub fn personas(&self, call: &CallContext<'_>, parameters: &Parameters) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let fields = FieldList::read(parameters, FIELDS)?;
        let theirs: Vec<_> = self
            .records
            .personas
            .iter()
            .rev()
            .filter(|persona| persona.account == *call.account && !persona.deleted)
            .collect();
        let listing = PageRequest::read(parameters)?;
        listing
            .of(
                &theirs,
                |persona| &persona.id,
                |persona| view(persona, &fields),
            )
            .map(quiet)
    }

    /// `GET /{persona-id}`.
    pub fn persona(
        &self,
        call: &CallContext<'_>,
        id: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let persona = self
            .records
            .persona(id, call.account)
            .map_err(|_| Refusal::path("get", id))?;
        view(persona, &FieldList::read(parameters, FIELDS)?).map(quiet)
    }

    /// `DELETE /{persona-id}`.
    pub fn delete_persona(&mut self, call: &CallContext<'_>, id: &str) -> GraphResult<Value> {
        self.records
            .personas
            .iter_mut()
            .find(|persona| persona.id == id && persona.account == *call.account)
            .ok_or_else(|| Refusal::path("delete", id))?
            .deleted = true;
        Ok(success())
    }

    /// Whether a path names a persona.
    pub(crate) fn has_persona(&self, id: &str) -> bool {
        self.records.personas.iter().any(|persona| persona.id == id)
    }
}

const FIELDS: &str = "name,profile_picture_url,id";

fn view(persona: &AccountPersona, fields: &FieldList) -> Result<Value, Refusal> {
    fields.view("Persona", &persona.id, |field| match field.name() {
        "name" => Some(Ok(json!(persona.name))),
        "profile_picture_url" => Some(Ok(json!(persona.picture))),
        _ => None,
    })
}
