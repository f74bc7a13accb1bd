use handover_protocol::{EventBody, PersonId, Timestamp};

use super::super::arrival::{Arrival, by_ad};
use super::super::routing::EntryPoint;
use super::super::{ActionError, Platform, Step};

impl Platform {
    /// The person opens an m.me or ig.me link with this `ref`.
    ///
    /// In an empty thread nothing happens until the person writes or taps "Get Started"; that
    /// webhook contains the referral. Otherwise the messaging window opens, an idle thread is
    /// routed, and apps on `messaging` get a referral.
    pub fn open_link(
        &mut self,
        person: &PersonId,
        link: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if tx.thread.has_begun() {
            tx.thread.last_opening = Some(now);
            tx.route(EntryPoint::Link(link));
            let referral = tx.by_link(link);
            let event = tx.by_person(EventBody::Referral(referral));
            tx.announce_on_messaging(&event);
        } else {
            tx.thread.arrival = Some(Arrival::Link(link.to_owned()));
        }
        Ok(tx.commit(()))
    }

    /// The person clicks one of the account's ads.
    ///
    /// In an empty thread nothing happens until the person writes or taps "Get Started"; that
    /// webhook contains the referral. Otherwise an idle thread is routed, and apps on `messaging`
    /// get a referral. The click alone does not open the messaging window.
    pub fn click_ad(
        &mut self,
        person: &PersonId,
        ad: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let known = tx
            .ad(ad)
            .ok_or_else(|| ActionError::NoSuchAd(ad.to_owned()))?;
        if tx.thread.has_begun() {
            tx.route(EntryPoint::Ad(known));
            let event = tx.by_person(EventBody::Referral(by_ad(known)));
            tx.announce_on_messaging(&event);
        } else {
            tx.thread.arrival = Some(Arrival::Ad(ad.to_owned()));
        }
        Ok(tx.commit(()))
    }
}
