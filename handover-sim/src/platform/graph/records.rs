use std::collections::{HashMap, HashSet};

use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::Value;

use super::label::Label;
use super::media::{KEPT, Media, SavedMedia};
use super::persona::AccountPersona;
use super::profile::ProfileFields;
use super::utility_template::ApprovedTemplate;
use crate::platform::Refusal;
use crate::platform::contact::{Contact, ContactKey};

/// Data that apps save on the platform.
#[derive(Debug, Clone, Default)]
pub(in crate::platform) struct Records {
    pub(super) media: HashMap<String, SavedMedia>,
    pub(super) personas: Vec<AccountPersona>,
    pub(super) templates: Vec<ApprovedTemplate>,
    pub(super) labels: Vec<Label>,
    pub(super) profiles: HashMap<AccountId, ProfileFields>,
    /// User-level persistent menus.
    pub(super) menus: HashMap<PersonId, Value>,
    /// Blocked and banned persons.
    pub(super) blocked: HashSet<PersonId>,
    contacts: HashMap<ContactKey, Contact>,
    /// `account_linking_token`s, with person and time of creation.
    pub(super) link_tokens: HashMap<String, (PersonId, Timestamp)>,
    /// Persons with a linked account.
    pub(super) linked: HashSet<PersonId>,
}

impl Records {
    /// Removes the data about persons.
    pub(in crate::platform) fn remove_persons(&mut self) {
        self.menus.clear();
        self.blocked.clear();
        self.contacts.clear();
        self.link_tokens.clear();
        self.linked.clear();
        for label in &mut self.labels {
            label.persons.clear();
        }
    }

    /// Saves an attachment for the account that sent it.
    pub(in crate::platform) fn keep(
        &mut self,
        id: String,
        media: Media,
        account: &AccountId,
        now: Timestamp,
    ) {
        let kept = SavedMedia {
            media,
            account: account.clone(),
            since: now,
        };
        self.media.insert(id, kept);
    }

    /// Returns an attachment that this account saved within the last 90 days.
    pub(in crate::platform) fn media(
        &self,
        id: &str,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<&Media, Refusal> {
        self.media
            .get(id)
            .filter(|kept| kept.account == *account)
            .filter(|kept| now.as_millis() - kept.since.as_millis() < KEPT)
            .map(|kept| &kept.media)
            .ok_or_else(Refusal::media_not_yours)
    }

    pub(in crate::platform) fn persona(
        &self,
        id: &str,
        account: &AccountId,
    ) -> Result<&AccountPersona, Refusal> {
        self.personas
            .iter()
            .find(|persona| persona.id == id && persona.account == *account && !persona.deleted)
            .ok_or_else(|| Refusal::parameter("Param persona_id must be the id of a persona"))
    }

    pub(in crate::platform) fn template(
        &self,
        name: &str,
        language: &str,
        account: &AccountId,
    ) -> Option<&ApprovedTemplate> {
        self.templates.iter().find(|template| {
            template.name == name && template.language == language && template.account == *account
        })
    }

    pub(in crate::platform) fn add_contact(&mut self, contact: Contact) {
        self.contacts.insert(contact.key.clone(), contact);
    }

    pub(in crate::platform) fn contact(
        &self,
        key: &ContactKey,
        account: &AccountId,
    ) -> Option<&Contact> {
        let contact = self.contacts.get(key)?;
        (contact.account == *account).then_some(contact)
    }

    pub(in crate::platform) fn use_contact(&mut self, key: &ContactKey, now: Timestamp) {
        if let Some(contact) = self.contacts.get_mut(key) {
            contact.used = Some(now);
        }
    }

    pub(in crate::platform) fn is_blocked(&self, person: &PersonId) -> bool {
        self.blocked.contains(person)
    }
}
