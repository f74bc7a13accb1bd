//! Personas: names and pictures for messages of the bot.

use handover_protocol::{Created, Persona};

use super::client::Graph;
use super::error::GraphError;
use super::listing::ListCall;
use super::routing::Endpoint;

const FIELDS: &str = "id,name,profile_picture_url";

impl Graph {
    /// Lists the personas of the Page.
    pub fn personas(&self) -> ListCall<'_, Persona> {
        ListCall::new(self, Endpoint::Personas).query("fields", FIELDS)
    }

    /// Creates a persona and returns its id. [`persona`](super::SendCall::persona) sends a message as it.
    /// Limits: 50 characters in the name, 8 MB for the picture.
    ///
    /// ```no_run
    /// # async fn example(graph: handover_runtime::graph::Graph) -> Result<(), handover_runtime::graph::GraphError> {
    /// # let person = "5794982867201265".into();
    /// use handover_protocol::Persona;
    ///
    /// let mia = Persona::new("Mia", "https://example.com/mia.png");
    /// let mia = graph.create_persona(&mia).await?;
    /// graph.send(&person).text("Hello, I am Mia.").persona(mia).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn create_persona(&self, persona: &Persona) -> Result<String, GraphError> {
        persona.check()?;
        let request = self.request(Endpoint::CreatePersona);
        let made: Created = request.json(persona).answer().await?;
        Ok(made.id)
    }

    /// Returns a persona.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn persona(&self, id: &str) -> Result<Persona, GraphError> {
        let request = self.request(Endpoint::Persona).about(id);
        request.query("fields", FIELDS).answer().await
    }

    /// Deletes a persona. Messages that were sent as it stay.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn delete_persona(&self, id: &str) -> Result<(), GraphError> {
        self.request(Endpoint::DeletePersona).about(id).done().await
    }
}
