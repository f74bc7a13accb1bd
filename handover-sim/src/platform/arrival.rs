//! Effects on thread control when a person comes to the thread.

use handover_protocol::{AdContext, AppId, Referral};

use super::routing::EntryPoint;
use super::thread::HandoverKind;
use super::thread_tx::ThreadTx;
use super::{Ad, IdleMessage, Product};

/// Link or ad that led a person to an empty thread. Kept until the person writes or taps something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arrival {
    /// A link with this `ref`.
    Link(String),
    /// The ad with this id.
    Ad(String),
}

impl<'a> ThreadTx<'a> {
    /// Records that the person wrote or tapped something: opens the messaging window, extends
    /// control to at least a day, and routes an idle thread. Returns the referral on the first such
    /// action.
    pub(super) fn person_acted(&mut self, entry: EntryPoint<'_>) -> Option<Referral> {
        self.thread.last_user_message = Some(self.now);
        self.thread.last_opening = Some(self.now);
        self.prolong();
        match self.thread.arrival.take() {
            Some(Arrival::Link(link)) => {
                self.route(EntryPoint::Link(&link));
                Some(self.by_link(&link))
            }
            Some(Arrival::Ad(id)) => {
                let ad = self.ad(&id);
                self.route(ad.map_or(entry, EntryPoint::Ad));
                ad.map(by_ad)
            }
            None => {
                self.route(entry);
                None
            }
        }
    }

    /// Routes an idle thread to the app that is set for this entry point, if there is one.
    pub(super) fn route(&mut self, entry: EntryPoint<'_>) {
        let routing = &self.account.routing;
        let stays_idle =
            routing.is_conversation() && self.behavior.idle_message == IdleMessage::StaysIdle;
        if stays_idle || self.thread.owner(self.now).is_some() {
            return;
        }
        let mut candidates = [routing.app_for(entry), routing.default_app()]
            .into_iter()
            .flatten();
        let Some(app) = candidates.find(|app| self.is_connected(app)).cloned() else {
            return;
        };
        self.give_to(Some(app), HandoverKind::Routed, None);
        if let EntryPoint::Ad(ad) = entry
            && ad.app == self.owner()
        {
            self.expire_after_days_of(ad);
        }
    }

    pub(super) fn is_connected(&self, app: &AppId) -> bool {
        self.account.connection(app).is_some()
    }

    pub(super) fn ad(&self, id: &str) -> Option<&'a Ad> {
        self.account.ads.iter().find(|ad| ad.id == id)
    }

    pub(super) fn by_link(&self, link: &str) -> Referral {
        let source = match self.account.product {
            Product::Messenger => "SHORTLINK",
            Product::Instagram => "SHORTLINKS",
        };
        Referral {
            ref_: Some(link.to_owned()),
            source: Some(source.to_owned()),
            kind: Some("OPEN_THREAD".to_owned()),
            ..Referral::default()
        }
    }
}

pub(super) fn by_ad(ad: &Ad) -> Referral {
    Referral {
        source: Some("ADS".to_owned()),
        kind: Some("OPEN_THREAD".to_owned()),
        ad_id: Some(ad.id.clone()),
        ads_context_data: Some(Box::new(AdContext {
            ad_title: Some(ad.title.clone()),
            ..AdContext::default()
        })),
        ..Referral::default()
    }
}
