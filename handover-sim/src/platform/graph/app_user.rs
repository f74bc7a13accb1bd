//! People as apps know them, apart from Pages: app-scoped ids.

use handover_protocol::{AppId, PersonId};
use serde_json::{Value, json};

use super::super::parameter::Parameter;
use super::super::{GraphResult, Platform, Product, Refusal, Thread};
use super::listing::PageRequest;
use super::{Parameters, quiet};

/// What an app-scoped id begins with.
const PREFIX: &str = "10";

impl Platform {
    /// Returns the id under which apps know the person of a thread, the same for all Pages: by it, a
    /// data deletion request names them. `None` on Instagram.
    #[must_use]
    pub fn app_scoped_id(&self, person: &PersonId) -> Option<String> {
        let thread = self.thread(person)?;
        let first = self.same_person(thread).next()?;
        Some(format!("{PREFIX}{}", first.person))
    }

    /// Returns whether this is the id of a person at apps.
    pub(crate) fn has_app_user(&self, id: &str) -> bool {
        self.app_user(id).is_some()
    }

    fn app_user(&self, id: &str) -> Option<&Thread> {
        let person = PersonId::from(id.strip_prefix(PREFIX)?);
        let thread = self.thread(&person)?;
        (self.app_scoped_id(&person)? == id).then_some(thread)
    }

    /// The threads of a person with Pages: those of the same name.
    fn same_person<'a>(&'a self, thread: &'a Thread) -> impl Iterator<Item = &'a Thread> {
        let threads = self.threads().iter();
        threads.filter(|other| {
            other.product == Product::Messenger
                && thread.product == Product::Messenger
                && other.name == thread.name
        })
    }

    /// `GET /{app-scoped user id}/ids_for_pages`: the PSIDs of a person at the Pages that the app is
    /// connected to.
    pub fn ids_for_pages(
        &self,
        app: &AppId,
        user: &str,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let page = Parameter::new("page", parameters.get("page")).text()?;
        let thread = self
            .app_user(user)
            .ok_or_else(|| Refusal::no_matching_user(Product::Messenger))?;
        let threads: Vec<_> = self
            .same_person(thread)
            .filter(|thread| {
                let account = self.account(&thread.account);
                account.is_some_and(|account| account.connection(app).is_some())
                    && page.as_deref().is_none_or(|page| thread.account == page)
            })
            .collect();
        let list = PageRequest::read(parameters)?.of(
            &threads,
            |thread| thread.person.as_str(),
            |thread| {
                let name = self.account(&thread.account).map(|account| &account.name);
                let page = json!({"id": thread.account, "name": name});
                Ok(json!({"id": thread.person, "page": page}))
            },
        )?;
        Ok(quiet(list))
    }
}
