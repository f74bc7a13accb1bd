//! Labels on the threads of people.

use handover_protocol::{Created, LabelledPerson, PageLabel, PersonId};

use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

const FIELDS: &str = "id,page_label_name";

impl Graph {
    /// Lists the labels of the Page.
    pub fn labels(&self) -> ListCall<'_, PageLabel> {
        ListCall::new(self, Endpoint::Labels).query("fields", FIELDS)
    }

    /// Lists the labels of a person.
    pub fn labels_of(&self, person: &PersonId) -> ListCall<'_, PageLabel> {
        let call = ListCall::new(self, Endpoint::LabelsOfPerson).about(person.as_str());
        call.query("fields", FIELDS)
    }

    /// Creates a label and returns its id.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn create_label(&self, name: impl Into<String>) -> Result<String, GraphError> {
        let label = PageLabel {
            page_label_name: Some(name.into()),
            ..PageLabel::default()
        };
        let request = self.request(Endpoint::CreateLabel);
        let made: Created = request.json(&label).answer().await?;
        Ok(made.id)
    }

    /// Adds a label to a person.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn add_label(&self, label: &str, person: &PersonId) -> Result<(), GraphError> {
        self.label(Endpoint::AddLabel, label, person).await
    }

    /// Removes a label from a person.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn remove_label(&self, label: &str, person: &PersonId) -> Result<(), GraphError> {
        self.label(Endpoint::RemoveLabel, label, person).await
    }

    /// Deletes a label.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn delete_label(&self, label: &str) -> Result<(), GraphError> {
        self.request(Endpoint::DeleteLabel)
            .about(label)
            .done()
            .await
    }

    async fn label(
        &self,
        endpoint: Endpoint,
        label: &str,
        person: &PersonId,
    ) -> Result<(), GraphError> {
        let body = LabelledPerson {
            user: person.clone(),
            ..LabelledPerson::default()
        };
        self.request(endpoint).about(label).json(&body).done().await
    }
}
