//! Which apps get an event and which app may send, written from the documentation, independently of
//! the simulator's code.

use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, Channel};
use handover_sim::platform::{
    Claimed, Deletions, Delivered, EchoAfterPass, InboxDone, NewMessageEdit, Product, Routing,
    TakeFromIdle, TakeNotifies,
};

use crate::rules::random_actions::{Action, BOTS, CRM, Settings};

/// `(app, channel, kind of event)`.
pub(crate) type DeliveredEvent = (AppId, Channel, String);

impl Settings {
    pub(crate) fn inbox(&self) -> AppId {
        match self.product {
            Product::Messenger => AppId::PAGE_INBOX,
            Product::Instagram => AppId::INSTAGRAM_INBOX,
        }
    }

    /// The app that idle threads are the business of.
    pub(crate) fn default_app(&self) -> Option<&AppId> {
        match &self.routing {
            Routing::ZeroConfig => None,
            Routing::Conversation { default_app, .. } => Some(default_app),
            Routing::Legacy { primary } => primary.as_ref(),
        }
    }

    fn primary(&self) -> Option<&AppId> {
        match &self.routing {
            Routing::Legacy { primary } => primary.as_ref(),
            _ => None,
        }
    }

    fn hears(&self, app: &AppId, kind: &str) -> bool {
        let Some(index) = BOTS.iter().position(|bot| bot == app) else {
            return false;
        };
        let switches = &self.switches[index];
        let field = Some(self.field_of(kind));
        let at_account = match self.product {
            Product::Messenger => switches.account_lacks != field,
            Product::Instagram => true,
        };
        switches.subscribed && switches.app_lacks != field && at_account
    }

    /// Where an app has events of this thread, if its settings let it have them.
    fn channel(&self, app: &AppId, owner: Option<&AppId>) -> Channel {
        let style = match self.product {
            Product::Messenger => self.behavior.messenger_delivery,
            Product::Instagram => self.behavior.instagram_delivery,
        };
        let responsible = match (&self.routing, owner) {
            _ if style == Delivered::Messaging => return Messaging,
            (Routing::ZeroConfig, _) if self.behavior.claimed_zero_config == Claimed::Messaging => {
                return Messaging;
            }
            (_, Some(owner)) => owner,
            (_, None) => match self.default_app() {
                Some(default) => default,
                None => return Messaging,
            },
        };
        if responsible == app {
            Messaging
        } else {
            Standby
        }
    }

    /// Who hears of an event of the conversation while this app owns the thread.
    pub(crate) fn audience(&self, kind: &str, owner: Option<&AppId>) -> Vec<DeliveredEvent> {
        if owner == Some(&AppId::LEADGEN) {
            return Vec::new();
        }
        let mut delivered = Vec::new();
        for (app, switches) in BOTS.iter().zip(&self.switches) {
            let channel = self.channel(app, owner);
            let hears = match channel {
                Standby => switches.standby && self.hears(app, "standby"),
                _ => self.hears(app, kind),
            };
            if hears {
                delivered.push((app.clone(), channel, kind.to_owned()));
            }
        }
        delivered
    }

    /// A handover event to one app.
    fn handover(&self, app: &AppId, kind: &str) -> Vec<DeliveredEvent> {
        let hears = self.hears(app, "handover");
        let delivered = hears.then(|| (app.clone(), Messaging, kind.to_owned()));
        delivered.into_iter().collect()
    }

    fn taken(&self, before: Option<&AppId>) -> Vec<DeliveredEvent> {
        let kind = "take_thread_control";
        match before {
            Some(previous) if self.behavior.take_notifies == TakeNotifies::PreviousOwner => {
                self.handover(previous, kind)
            }
            None if self.behavior.take_from_idle == TakeFromIdle::Silent => Vec::new(),
            _ => BOTS
                .iter()
                .flat_map(|app| self.handover(app, kind))
                .collect(),
        }
    }

    fn asked(&self, asker: &AppId, before: Option<&AppId>) -> Vec<DeliveredEvent> {
        let asked = self
            .primary()
            .filter(|primary| *primary != asker)
            .or(before);
        match asked {
            Some(asked) => self.handover(asked, "request_thread_control"),
            None => self.handover(asker, "pass_thread_control"),
        }
    }

    /// The thread control events after an act that was carried out.
    pub(crate) fn handovers(
        &self,
        act: &Action,
        before: Option<&AppId>,
        after: Option<&AppId>,
    ) -> Vec<DeliveredEvent> {
        let passed = || after.map_or_else(Vec::new, |to| self.handover(to, "pass_thread_control"));
        match act {
            Action::Pass(..) | Action::Send(_, Some(Some(_))) => passed(),
            Action::LeadAdComplete(_) if after.is_some() => passed(),
            Action::InboxDone if self.behavior.inbox_done == InboxDone::Passes => passed(),
            Action::Take(_) | Action::InboxTake => self.taken(before),
            Action::InboxReply if before != Some(&self.inbox()) => self.taken(before),
            Action::SendAsHuman(app) => match before.or(self.default_app()) {
                Some(responsible) if responsible != app => self.taken(before),
                _ => Vec::new(),
            },
            Action::Request(app) => self.asked(app, before),
            Action::InboxRequest => self.asked(&self.inbox(), before),
            _ => Vec::new(),
        }
    }

    /// All other events after an act that was carried out.
    pub(crate) fn news(
        &self,
        act: &Action,
        before: Option<&AppId>,
        after: Option<&AppId>,
        begun: bool,
    ) -> Vec<DeliveredEvent> {
        let messenger = self.product == Product::Messenger;
        let deletions = !messenger || self.behavior.messenger_deletions == Deletions::Sent;
        let kinds: &[&str] = match act {
            Action::Attach("sticker") if !messenger => &[],
            Action::Say | Action::Reply | Action::Attach(_) | Action::QuickReply => {
                match self.behavior.instagram_new_message_edit {
                    NewMessageEdit::Never => &["message"],
                    _ if messenger => &["message"],
                    NewMessageEdit::Only => &["message_edit"],
                    _ => &["message", "message_edit"],
                }
            }
            Action::GetStarted => &["postback"],
            Action::Read => &["read"],
            Action::React | Action::Unreact => &["reaction"],
            Action::Edit => &["message_edit"],
            Action::Unsend if deletions => &["message"],
            // The ad whose app this is has a summary.
            Action::LeadAdComplete(_) if after == Some(&CRM) => &["message"],
            Action::OpenLink(_) | Action::ClickAd(_) if begun => &["referral"],
            Action::AccountDeletes if deletions => &["echo"],
            Action::Send(..)
            | Action::SendButton(_)
            | Action::SendAsHuman(_)
            | Action::InboxReply
            | Action::AccountSays(_) => {
                if messenger {
                    &["echo", "delivery"]
                } else {
                    &["echo"]
                }
            }
            _ => &[],
        };
        let moves_control = matches!(act, Action::Send(_, Some(_)));
        let early = moves_control && self.behavior.echo_after_pass == EchoAfterPass::Before;
        let owner = if early { before } else { after };
        let mut delivered: Vec<DeliveredEvent> = kinds
            .iter()
            .flat_map(|kind| self.audience(kind, owner))
            .collect();
        // Referrals are not for standby.
        delivered.retain(|(_, channel, kind)| kind != "referral" || *channel == Messaging);
        delivered
    }

    /// A tap on a button of this app: whole to it, and whoever else hears of it has no payload.
    pub(crate) fn tapped(&self, sender: &AppId, owner: Option<&AppId>) -> Vec<DeliveredEvent> {
        let mut delivered = self.audience("postback", owner);
        if owner != Some(&AppId::LEADGEN) && self.hears(sender, "postback") {
            delivered.retain(|(app, _, _)| app != sender);
            delivered.insert(0, (sender.clone(), Messaging, "postback".to_owned()));
        }
        delivered
    }

    /// Whether an app may send, were the messaging window open.
    pub(crate) fn may_send(&self, app: &AppId, owner: Option<&AppId>) -> bool {
        match owner.or(self.default_app()) {
            Some(responsible) => responsible == app,
            None => true,
        }
    }

    /// The same of a human agent's tool.
    pub(crate) fn may_send_as_human(&self, app: &AppId, owner: Option<&AppId>) -> bool {
        let bots = BOTS;
        let mut switches = bots.iter().zip(&self.switches);
        let can_take = switches.any(|(bot, switches)| bot == app && switches.can_take);
        self.may_send(app, owner) || (can_take && owner != Some(&AppId::LEADGEN))
    }
}
