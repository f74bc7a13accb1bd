use handover_protocol::{PersonId, Timestamp};
use serde::Deserialize;

use super::super::{ActionError, Platform, Step};

/// Change of a person's profile. Absent fields keep their values.
///
/// ```
/// use handover_sim::platform::PersonChange;
///
/// let change: PersonChange = serde_json::from_str(r#"{"locale":"de_DE","timezone":1}"#)?;
/// assert_eq!(change.locale.as_deref(), Some("de_DE"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PersonChange {
    /// Name.
    pub name: Option<String>,
    /// Locale, such as `de_DE`.
    pub locale: Option<String>,
    /// Time zone in hours from UTC, from -12 to 14.
    pub timezone: Option<f64>,
}

impl Platform {
    /// Changes the person's profile. Apps get no webhook.
    pub fn change_person(
        &mut self,
        person: &PersonId,
        change: &PersonChange,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let tx = self.begin_for_person(person, now)?;
        change.check()?;
        let thread = &mut *tx.thread;
        if let Some(name) = &change.name {
            name.trim().clone_into(&mut thread.name);
        }
        if let Some(locale) = &change.locale {
            locale.clone_into(&mut thread.locale);
        }
        thread.timezone = change.timezone.unwrap_or(thread.timezone);
        Ok(tx.commit(()))
    }
}

impl PersonChange {
    /// Checks the values.
    pub(crate) fn check(&self) -> Result<(), ActionError> {
        if self
            .name
            .as_ref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Err(ActionError::NoName);
        }
        if let Some(locale) = self.locale.as_ref().filter(|locale| !is_locale(locale)) {
            return Err(ActionError::NotALocale(locale.clone()));
        }
        match self.timezone {
            Some(hours) if !(-12.0..=14.0).contains(&hours) => {
                Err(ActionError::NotATimezone(hours.to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the text is a language of two or three lower-case letters and a country or region.
fn is_locale(text: &str) -> bool {
    let Some((language, country)) = text.split_once('_') else {
        return false;
    };
    let is_language = matches!(language.len(), 2..=3)
        && language.bytes().all(|letter| letter.is_ascii_lowercase());
    let is_country = matches!(country.len(), 2..=3)
        && country
            .bytes()
            .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit());
    is_language && is_country
}
