//! Answers to a form inside the conversation.

use crate::lenient::wire_object;

wire_object! {
    /// A person filled in a customer information template.
    ///
    /// ```json
    /// {"screens":[{"screen_id":"s1","responses":[{"key":"street","value":"1 Hacker Way"}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::CustomerInformation;
    ///
    /// let form: CustomerInformation = serde_json::from_str(
    ///     r#"{"screens":[{"screen_id":"s1","responses":[{"key":"street","value":"1 Hacker Way"}]}]}"#,
    /// )?;
    /// assert_eq!(form.response("street"), Some("1 Hacker Way"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct CustomerInformation {
        /// The screens of the form.
        pub screens: Vec<CustomerInformationAnswers>,
    }
}

impl CustomerInformation {
    /// Answer to the question with this key.
    pub fn response(&self, key: &str) -> Option<&str> {
        self.screens
            .iter()
            .flat_map(|screen| &screen.responses)
            .find(|response| response.key.as_deref() == Some(key))?
            .value
            .as_deref()
    }
}

wire_object! {
    /// The answers on one screen of a customer information template.
    ///
    /// ```json
    /// {"screen_id":"s1","responses":[{"key":"street","value":"1 Hacker Way"}]}
    /// ```
    pub struct CustomerInformationAnswers {
        /// Which screen.
        pub screen_id: Option<String>,
        /// The answers.
        pub responses: Vec<CustomerInformationAnswer>,
    }
}

wire_object! {
    /// One answer in a customer information template.
    ///
    /// ```json
    /// {"key":"street","value":"1 Hacker Way"}
    /// ```
    pub struct CustomerInformationAnswer {
        /// Key of the question.
        pub key: Option<String>,
        /// Answer of the person.
        pub value: Option<String>,
    }
}
