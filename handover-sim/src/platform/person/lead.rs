//! Lead Ads, whose questions Messenger itself asks.

use handover_protocol::{AppId, EventBody, Message, PersonId, Timestamp};
use serde_json::{Map, Value, json};

use super::super::thread::{ChatEntry, HandoverKind, MessageAuthor};
use super::super::thread_tx::ThreadTx;
use super::super::{ActionError, Platform, Step};

impl Platform {
    /// The person clicks a Lead Ad. The Lead Ads app owns the thread while it asks its questions.
    /// Apps get neither a handover event nor the answers.
    pub fn lead_ad(
        &mut self,
        person: &PersonId,
        ad: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let ad = tx
            .ad(ad)
            .ok_or_else(|| ActionError::NoSuchAd(ad.to_owned()))?;
        if tx.owner() == Some(AppId::LEADGEN) {
            return Err(ActionError::LeadAdUnderWay);
        }
        tx.give_to(Some(AppId::LEADGEN), HandoverKind::Routed, None);
        tx.thread.lead = Some(ad.id.clone());
        Ok(tx.commit(()))
    }

    /// The questions of the Lead Ad end, answered or not. Control passes to the app of the ad for
    /// the number of days of the ad, or the thread becomes idle.
    ///
    /// The app gets `pass_thread_control` with `hop_context` and, if the ad has `lead_summary`, a
    /// summary as a message that is not part of the thread.
    pub fn lead_ad_complete(
        &mut self,
        person: &PersonId,
        complete: bool,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let begun = tx.thread.lead.take();
        let ad = begun
            .and_then(|id| tx.ad(&id))
            .ok_or(ActionError::NoLeadAd)?;
        let target = ad.app.as_ref().filter(|app| tx.is_connected(app));
        let Some(target) = target else {
            tx.give_to(None, HandoverKind::Released, None);
            return Ok(tx.commit(()));
        };
        let metadata = match complete {
            true => "messenger_lead_gen_complete",
            false => "messenger_lead_gen_incomplete",
        };
        let hop = json!({"app_id": number(target), "metadata": metadata});
        let mut entry_extra = Map::new();
        entry_extra.insert("hop_context".to_owned(), json!([hop]));
        tx.pass_with_extra(target, Some(metadata.to_owned()), entry_extra);
        tx.expire_after_days_of(ad);
        if ad.lead_summary {
            tx.summarize(hop);
        }
        Ok(tx.commit(()))
    }
}

impl ThreadTx<'_> {
    /// Sends the summary of the answers, with its time in seconds.
    fn summarize(&mut self, hop: Value) {
        let since = |line: &&ChatEntry| match line {
            ChatEntry::Handover(handover) => handover.to != Some(AppId::LEADGEN),
            ChatEntry::Message(_) => true,
        };
        let mut answers: Vec<_> = self
            .thread
            .entries
            .iter()
            .rev()
            .take_while(since)
            .filter_map(|line| match line {
                ChatEntry::Message(message) if message.author == MessageAuthor::Person => {
                    message.text.clone()
                }
                _ => None,
            })
            .collect();
        answers.reverse();
        let mid = self.ids.message();
        let mut event = self.by_person(EventBody::Message(Message {
            mid: Some(mid),
            text: Some(format!("Lead summary:\n{}", answers.join("\n"))),
            ..Message::default()
        }));
        event.timestamp = None;
        let seconds = self.now.as_millis().div_euclid(1000);
        event.extra.insert("timestamp".to_owned(), seconds.into());
        event.extra.insert("hop_context".to_owned(), hop);
        self.announce(&event);
    }
}

/// App id in the form of webhooks.
fn number(app: &AppId) -> Value {
    app.to_number()
        .map_or_else(|| app.as_str().into(), Value::from)
}
