//! Templates of utility messages. The simulator approves them at once.

use std::borrow::Cow;

use handover_protocol::AccountId;
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform};
use super::fields::FieldList;
use super::listing::PageRequest;
use super::{Parameters, quiet};

/// Approved text with parameters `{{1}}`, `{{2}}`, …
#[derive(Debug, Clone)]
pub(crate) struct ApprovedTemplate {
    id: String,
    pub(super) name: String,
    pub(super) language: String,
    pub(super) account: AccountId,
    body: String,
}

impl ApprovedTemplate {
    /// Returns the number of parameters of the text.
    pub(crate) fn gaps(&self) -> usize {
        (1..)
            .take_while(|number| self.body.contains(&gap(*number)))
            .count()
    }

    /// Returns the text with these parameters.
    pub(crate) fn filled(&self, with: &[Cow<'_, str>]) -> String {
        (1..)
            .zip(with)
            .fold(self.body.clone(), |text, (number, filling)| {
                text.replace(&gap(number), filling)
            })
    }
}

fn gap(number: usize) -> String {
    format!("{{{{{number}}}}}")
}

impl Platform {
    /// `POST /{page-id}/message_templates` with `name`, `language`, `category` and `components`.
    /// The text is in the `BODY` component.
    pub fn create_template(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let parameter = |name| Parameter::new(name, parameters.get(name));
        let name = parameter("name");
        let text = name.words(512)?.into_owned();
        let simple = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !text.bytes().all(simple) {
            return Err(name.wrong("consist of lower-case letters, digits and underscores"));
        }
        let language = parameter("language").words(usize::MAX)?.into_owned();
        parameter("category").needed_one_of(["UTILITY"])?;
        let mut body = None;
        for component in parameter("components").list(1..=usize::MAX)? {
            let kind = component.at("type").needed_text()?;
            if kind.eq_ignore_ascii_case("body") {
                body = Some(component.at("text").words(usize::MAX)?.into_owned());
            }
        }
        let body = body.ok_or_else(|| parameter("components").wrong("have one of type BODY"))?;
        if self
            .records
            .template(&text, &language, call.account)
            .is_some()
        {
            return Err(name.wrong("be new in this language"));
        }
        let id = self.ids.number();
        self.records.templates.push(ApprovedTemplate {
            id: id.clone(),
            name: text,
            language,
            account: call.account.clone(),
            body,
        });
        Ok(quiet(
            json!({"id": id, "status": "APPROVED", "category": "UTILITY"}),
        ))
    }

    /// `GET /{page-id}/message_templates`.
    pub fn templates(&self, call: &CallContext<'_>, parameters: &Parameters) -> GraphResult<Value> {
        self.account_of_call(call)?;
        let fields = FieldList::read(parameters, "name,language,status,category,id")?;
        let all = self.records.templates.iter();
        let theirs: Vec<_> = all.filter(|one| one.account == *call.account).collect();
        let view = |template: &&ApprovedTemplate| {
            fields.view("Message Template", &template.id, |field| {
                Some(Ok(match field.name() {
                    "name" => json!(template.name),
                    "language" => json!(template.language),
                    "status" => json!("APPROVED"),
                    "category" => json!("UTILITY"),
                    "components" => json!([{"type": "BODY", "text": template.body}]),
                    _ => return None,
                }))
            })
        };
        PageRequest::read(parameters)?
            .of(&theirs, |template| &template.id, view)
            .map(quiet)
    }
}
