//! Approved templates, for messages outside of the window.

use crate::lenient::{always, wire_object};

wire_object! {
    /// An approved template with its values; goes with
    /// [`MessagingType::Utility`](crate::MessagingType::Utility), in place of a message.
    ///
    /// ```json
    /// {"name":"order_shipped","language":{"code":"en_US"},
    ///  "components":[{"type":"body","parameters":[{"type":"text","text":"12345"}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::UtilityTemplate;
    ///
    /// let shipped = UtilityTemplate::new("order_shipped", "en_US").body(["12345"]);
    /// assert_eq!(shipped.components[0].parameters[0].text.as_deref(), Some("12345"));
    /// ```
    pub struct UtilityTemplate {
        /// The name of the template.
        pub name: String => always,
        /// Its language.
        pub language: Option<TemplateLanguage>,
        /// The values of its parts.
        pub components: Vec<TemplateComponent>,
    }
}

wire_object! {
    /// The language of a template.
    ///
    /// ```json
    /// {"code":"en_US"}
    /// ```
    pub struct TemplateLanguage {
        /// The language, such as `en_US`.
        pub code: String => always,
    }
}

wire_object! {
    /// The values of a part of a template.
    ///
    /// ```json
    /// {"type":"body","parameters":[{"type":"text","text":"12345"}]}
    /// ```
    pub struct TemplateComponent {
        /// `type`: the part, such as `body`.
        pub kind: String as "type" => always,
        /// Its values, in order.
        pub parameters: Vec<TemplateParameter>,
    }
}

wire_object! {
    /// A value of a template.
    ///
    /// ```json
    /// {"type":"text","text":"12345"}
    /// ```
    pub struct TemplateParameter {
        /// `type`: what it is, such as `text`.
        pub kind: String as "type" => always,
        /// The words.
        pub text: Option<String>,
    }
}

impl UtilityTemplate {
    /// The template of this name, in this language.
    pub fn new(name: impl Into<String>, language: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            language: Some(TemplateLanguage {
                code: language.into(),
                ..Default::default()
            }),
            ..Self::default()
        }
    }

    /// The words for the gaps in the body.
    #[must_use]
    pub fn body<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        let parameter = |text: T| TemplateParameter {
            kind: "text".to_owned(),
            text: Some(text.into()),
            ..Default::default()
        };
        self.components.push(TemplateComponent {
            kind: "body".to_owned(),
            parameters: texts.into_iter().map(parameter).collect(),
            ..Default::default()
        });
        self
    }
}
