//! Lead Ads: Messenger asks the ad's questions itself, and the apps wait.

use handover_protocol::{AppId, EventBody, Message, PersonId, Timestamp};
use serde_json::{Map, Value, json};

use super::super::scene::Scene;
use super::super::thread::{Author, HandoverKind, Line};
use super::super::{ActError, Platform, Step};

impl Platform {
    /// The person clicks a Lead Ad: the Lead Ads app owns the thread while it asks its questions.
    /// Nobody is told, and no app hears what the person answers.
    pub fn lead_ad(
        &mut self,
        person: &PersonId,
        ad: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let ad = scene
            .ad(ad)
            .ok_or_else(|| ActError::NoSuchAd(ad.to_owned()))?;
        if scene.owner() == Some(AppId::LEADGEN) {
            return Err(ActError::LeadAdUnderWay);
        }
        scene.give_to(Some(AppId::LEADGEN), HandoverKind::Routed, None);
        scene.thread.lead = Some(ad.id.clone());
        Ok(scene.close(()))
    }

    /// The questions of the Lead Ad come to an end, answered or not: control passes to the ad's
    /// app, for as many days as the ad says, or the thread falls idle.
    ///
    /// The app's `pass_thread_control` comes with a `hop_context`. If the ad is set up so, a summary
    /// follows: a message that is not in the thread.
    pub fn lead_ad_complete(
        &mut self,
        person: &PersonId,
        complete: bool,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let begun = scene.thread.lead.take();
        let ad = begun
            .and_then(|id| scene.ad(&id))
            .ok_or(ActError::NoLeadAd)?;
        let target = ad.app.as_ref().filter(|app| scene.is_connected(app));
        let Some(target) = target else {
            scene.give_to(None, HandoverKind::Released, None);
            return Ok(scene.close(()));
        };
        let metadata = match complete {
            true => "messenger_lead_gen_complete",
            false => "messenger_lead_gen_incomplete",
        };
        let hop = json!({"app_id": number(target), "metadata": metadata});
        let mut beside = Map::new();
        beside.insert("hop_context".to_owned(), json!([hop]));
        scene.pass_beside(target, Some(metadata.to_owned()), beside);
        scene.expire_as_told_by(ad);
        if ad.lead_summary {
            scene.summarize(hop);
        }
        Ok(scene.close(()))
    }
}

impl Scene<'_> {
    /// The summary of a Lead Ad's answers, whose time is in seconds.
    fn summarize(&mut self, hop: Value) {
        let since = |line: &&Line| match line {
            Line::Handover(handover) => handover.to != Some(AppId::LEADGEN),
            Line::Message(_) => true,
        };
        let mut answers: Vec<_> = self
            .thread
            .lines
            .iter()
            .rev()
            .take_while(since)
            .filter_map(|line| match line {
                Line::Message(message) if message.author == Author::Person => message.text.clone(),
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

/// An app id as webhooks have it.
fn number(app: &AppId) -> Value {
    app.to_number()
        .map_or_else(|| app.as_str().into(), Value::from)
}
