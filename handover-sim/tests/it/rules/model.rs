//! Whom the rules name for an event, and who may send: written down from the documentation, without a
//! look at how the platform does it.

use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{AppId, Channel};
use handover_sim::platform::{
    Claimed, Deletions, Delivered, EchoAfterPass, InboxDone, NewMessageEdit, Product, Routing,
    TakeFromIdle, TakeTold,
};

use crate::rules::world::{Act, BOTS, CRM, Settings};

/// `(app, channel, kind of event)`.
pub(crate) type Told = (AppId, Channel, String);

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
            Product::Messenger => self.choices.messenger_delivery,
            Product::Instagram => self.choices.instagram_delivery,
        };
        let responsible = match (&self.routing, owner) {
            _ if style == Delivered::Messaging => return Messaging,
            (Routing::ZeroConfig, _) if self.choices.claimed_zero_config == Claimed::Messaging => {
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
    pub(crate) fn audience(&self, kind: &str, owner: Option<&AppId>) -> Vec<Told> {
        if owner == Some(&AppId::LEADGEN) {
            return Vec::new();
        }
        let mut told = Vec::new();
        for (app, switches) in BOTS.iter().zip(&self.switches) {
            let channel = self.channel(app, owner);
            let hears = match channel {
                Standby => switches.standby && self.hears(app, "standby"),
                _ => self.hears(app, kind),
            };
            if hears {
                told.push((app.clone(), channel, kind.to_owned()));
            }
        }
        told
    }

    /// A handover event to one app.
    fn handover(&self, app: &AppId, kind: &str) -> Vec<Told> {
        let hears = self.hears(app, "handover");
        let told = hears.then(|| (app.clone(), Messaging, kind.to_owned()));
        told.into_iter().collect()
    }

    fn taken(&self, before: Option<&AppId>) -> Vec<Told> {
        let kind = "take_thread_control";
        match before {
            Some(previous) if self.choices.take_told == TakeTold::PreviousOwner => {
                self.handover(previous, kind)
            }
            None if self.choices.take_from_idle == TakeFromIdle::Silent => Vec::new(),
            _ => BOTS
                .iter()
                .flat_map(|app| self.handover(app, kind))
                .collect(),
        }
    }

    fn asked(&self, asker: &AppId, before: Option<&AppId>) -> Vec<Told> {
        let asked = self
            .primary()
            .filter(|primary| *primary != asker)
            .or(before);
        match asked {
            Some(asked) => self.handover(asked, "request_thread_control"),
            None => self.handover(asker, "pass_thread_control"),
        }
    }

    /// The handovers that are told after an act which was carried out.
    pub(crate) fn handovers(
        &self,
        act: &Act,
        before: Option<&AppId>,
        after: Option<&AppId>,
    ) -> Vec<Told> {
        let passed = || after.map_or_else(Vec::new, |to| self.handover(to, "pass_thread_control"));
        match act {
            Act::Pass(..) | Act::Send(_, Some(Some(_))) => passed(),
            Act::LeadAdComplete(_) if after.is_some() => passed(),
            Act::InboxDone if self.choices.inbox_done == InboxDone::Passes => passed(),
            Act::Take(_) | Act::InboxTake => self.taken(before),
            Act::InboxReply if before != Some(&self.inbox()) => self.taken(before),
            Act::SendAsHuman(app) => match before.or(self.default_app()) {
                Some(responsible) if responsible != app => self.taken(before),
                _ => Vec::new(),
            },
            Act::Request(app) => self.asked(app, before),
            Act::InboxRequest => self.asked(&self.inbox(), before),
            _ => Vec::new(),
        }
    }

    /// What else is told after an act which was carried out: the whole conversation.
    pub(crate) fn news(
        &self,
        act: &Act,
        before: Option<&AppId>,
        after: Option<&AppId>,
        begun: bool,
    ) -> Vec<Told> {
        let messenger = self.product == Product::Messenger;
        let deletions = !messenger || self.choices.messenger_deletions == Deletions::Sent;
        let kinds: &[&str] = match act {
            Act::Attach("sticker") if !messenger => &[],
            Act::Say | Act::Reply | Act::Attach(_) | Act::QuickReply => {
                match self.choices.instagram_new_message_edit {
                    NewMessageEdit::Never => &["message"],
                    _ if messenger => &["message"],
                    NewMessageEdit::Only => &["message_edit"],
                    _ => &["message", "message_edit"],
                }
            }
            Act::GetStarted => &["postback"],
            Act::Read => &["read"],
            Act::React | Act::Unreact => &["reaction"],
            Act::Edit => &["message_edit"],
            Act::Unsend if deletions => &["message"],
            // The ad whose app this is has a summary.
            Act::LeadAdComplete(_) if after == Some(&CRM) => &["message"],
            Act::OpenLink(_) | Act::ClickAd(_) if begun => &["referral"],
            Act::AccountDeletes if deletions => &["echo"],
            Act::Send(..)
            | Act::SendButton(_)
            | Act::SendAsHuman(_)
            | Act::InboxReply
            | Act::AccountSays(_) => {
                if messenger {
                    &["echo", "delivery"]
                } else {
                    &["echo"]
                }
            }
            _ => &[],
        };
        let moves_control = matches!(act, Act::Send(_, Some(_)));
        let early = moves_control && self.choices.echo_after_pass == EchoAfterPass::Before;
        let owner = if early { before } else { after };
        let mut told: Vec<Told> = kinds
            .iter()
            .flat_map(|kind| self.audience(kind, owner))
            .collect();
        // Referrals are not for standby.
        told.retain(|(_, channel, kind)| kind != "referral" || *channel == Messaging);
        told
    }

    /// A tap on a button of this app: whole to it, and whoever else hears of it has no payload.
    pub(crate) fn tapped(&self, sender: &AppId, owner: Option<&AppId>) -> Vec<Told> {
        let mut told = self.audience("postback", owner);
        if owner != Some(&AppId::LEADGEN) && self.hears(sender, "postback") {
            told.retain(|(app, _, _)| app != sender);
            told.insert(0, (sender.clone(), Messaging, "postback".to_owned()));
        }
        told
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
