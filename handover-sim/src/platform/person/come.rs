use handover_protocol::{EventBody, PersonId, Timestamp};

use super::super::arrival::{Arrival, by_ad};
use super::super::routing::Entry;
use super::super::{ActError, Platform, Step};

impl Platform {
    /// The person opens an m.me or ig.me link with this `ref`.
    ///
    /// On an empty thread nothing happens until they write or tap "Get Started", which then says
    /// where they come from. Otherwise the messaging window opens, an idle thread is routed, and
    /// whoever has `messaging` gets a referral.
    pub fn open_link(
        &mut self,
        person: &PersonId,
        link: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if scene.thread.has_begun() {
            scene.thread.last_opening = Some(now);
            scene.route(Entry::Link(link));
            let referral = scene.by_link(link);
            let event = scene.by_person(EventBody::Referral(referral));
            scene.announce_on_messaging(&event);
        } else {
            scene.thread.arrival = Some(Arrival::Link(link.to_owned()));
        }
        Ok(scene.close(()))
    }

    /// The person clicks one of the account's ads.
    ///
    /// On an empty thread nothing happens until they write or tap "Get Started", which then says
    /// where they come from. Otherwise an idle thread is routed, and whoever has `messaging` gets a
    /// referral. The click alone does not open the messaging window.
    pub fn click_ad(
        &mut self,
        person: &PersonId,
        ad: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let known = scene
            .ad(ad)
            .ok_or_else(|| ActError::NoSuchAd(ad.to_owned()))?;
        if scene.thread.has_begun() {
            scene.route(Entry::Ad(known));
            let event = scene.by_person(EventBody::Referral(by_ad(known)));
            scene.announce_on_messaging(&event);
        } else {
            scene.thread.arrival = Some(Arrival::Ad(ad.to_owned()));
        }
        Ok(scene.close(()))
    }
}
