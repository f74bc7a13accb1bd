//! Names and pictures that a bot speaks under.

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// A name and a picture that a bot speaks under: the body of `POST /{page}/personas`, the answer
    /// to `GET /{persona}` and a row of `GET /{page}/personas`.
    ///
    /// ```json
    /// {"name":"Ana","profile_picture_url":"https://example.com/ana.png","id":"1002"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Persona;
    ///
    /// let ana = Persona::new("Ana", "https://example.com/ana.png");
    /// assert!(ana.check().is_ok());
    /// ```
    ///
    /// Limit: [`PERSONA_NAME`](crate::limits::PERSONA_NAME).
    pub struct Persona {
        /// The name.
        pub name: String => always,
        /// The picture, of at most 8 MB.
        pub profile_picture_url: Option<String>,
        /// The persona; absent in a request that makes one.
        pub id: Option<String>,
    }
}

impl Persona {
    /// A persona to be made.
    pub fn new(name: impl Into<String>, profile_picture_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            profile_picture_url: Some(profile_picture_url.into()),
            ..Self::default()
        }
    }
}

checked!(Persona: |persona| {
    Limit::PersonaName
        .characters("name", &persona.name)
        .map_err(|exceeded| exceeded.of_call("personas"))
});
