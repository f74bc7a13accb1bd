//! Meta's own apps that take part in conversations.

use crate::lenient::whole_number;
use crate::{AppId, Object};

/// Apps of Meta's own, and what an app id is good for.
///
/// ```
/// use handover_protocol::{AppId, Object};
///
/// assert_eq!(AppId::inbox_of(&Object::Page), AppId::PAGE_INBOX);
/// assert_eq!(AppId::inbox_of(&Object::Instagram), AppId::INSTAGRAM_INBOX);
/// assert_eq!(AppId::PAGE_INBOX.to_number(), Some(263902037430900));
/// ```
impl AppId {
    /// The Page Inbox of Meta Business Suite: pass the thread to it to hand over to people.
    pub const PAGE_INBOX: Self = Self::from_static("263902037430900");

    /// The inbox of an Instagram professional account.
    pub const INSTAGRAM_INBOX: Self = Self::from_static("1217981644879628");

    /// Messenger's Lead Ads app: it owns a thread while the questions of an ad are being asked.
    pub const LEADGEN: Self = Self::from_static("413038776280800");

    /// The inbox in which people answer for accounts of this product.
    pub fn inbox_of(object: &Object) -> Self {
        match object {
            Object::Instagram => Self::INSTAGRAM_INBOX,
            Object::Page | Object::Other(_) => Self::PAGE_INBOX,
        }
    }

    /// The id as a number, if it is one without loss: app ids of the platform always are.
    pub fn to_number(&self) -> Option<u64> {
        whole_number(self.as_str())
    }
}
