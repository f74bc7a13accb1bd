//! What holds whatever anybody does, in whichever order, and however everything is set.

use handover_protocol::{AppId, Timestamp};
use handover_sim::platform::{HandoverKind, Routing};
use proptest::prelude::*;

use crate::rules::model::DeliveredEvent;
use crate::rules::random_actions::{Action, BOTS, Seen, actions, settings};
use crate::support::rules::{DAY, delivered, item};

fn sorted(mut delivered: Vec<DeliveredEvent>) -> Vec<DeliveredEvent> {
    delivered.sort();
    delivered
}

fn is_handover(kind: &str) -> bool {
    kind.ends_with("_thread_control")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_message_of_a_non_owner_gets_through(settings in settings(), acts in actions()) {
        let mut rules = settings.rules();
        for act in &acts {
            let owner = rules.owner();
            let allowed = match act {
                Action::Send(app, _) | Action::SendButton(app) => settings.may_send(app, owner.as_ref()),
                Action::SendAsHuman(app) => settings.may_send_as_human(app, owner.as_ref()),
                _ => true,
            };
            let before = rules.thread().messages().count();
            let seen = rules.carry_out(act);
            prop_assert!(allowed || !seen.done, "{act:?} got through");
            if !allowed {
                prop_assert_eq!(rules.thread().messages().count(), before);
            }
        }
    }

    #[test]
    fn at_most_one_app_is_in_charge(settings in settings(), acts in actions()) {
        let mut rules = settings.rules();
        for act in &acts {
            rules.carry_out(act);
        }
        // The window is another matter: a message opens it without changing an owner.
        let owner_before = rules.owner();
        rules.carry_out(&Action::Say);
        if owner_before.is_some() {
            prop_assert_eq!(rules.owner(), owner_before);
        }
        let sends = |app: &AppId| rules.clone().carry_out(&Action::Send(app.clone(), None)).done;
        let mut able = BOTS.to_vec();
        able.retain(sends);
        match rules.owner().or(settings.default_app().cloned()) {
            Some(responsible) => {
                let mut expected = BOTS.to_vec();
                expected.retain(|app| *app == responsible);
                prop_assert_eq!(able, expected);
            }
            None => prop_assert_eq!(able, BOTS, "nobody is responsible"),
        }
    }

    #[test]
    fn control_changes_hands_only_with_a_line_in_the_thread(
        settings in settings(),
        acts in actions(),
    ) {
        let mut rules = settings.rules();
        for act in &acts {
            rules.carry_out(act);
        }
        let mut owner: Option<AppId> = None;
        for handover in rules.thread().handovers() {
            if handover.kind == HandoverKind::Requested {
                continue;
            }
            prop_assert_eq!(&handover.from, &owner, "{:?}", handover);
            owner.clone_from(&handover.to);
        }
        if rules.owner().is_some() {
            prop_assert_eq!(rules.owner(), owner);
        }
    }

    #[test]
    fn every_webhook_goes_to_exactly_the_apps_of_the_rules(
        settings in settings(),
        acts in actions(),
    ) {
        let mut rules = settings.rules();
        for act in &acts {
            let before = rules.owner();
            let begun = rules.thread().messages().next().is_some();
            let sender = rules.sender_of_button();
            let unread = matches!(act, Action::Read).then(|| {
                let mut from_apps = rules.thread().messages().rev();
                let newest = from_apps.find(|one| one.author != handover_sim::platform::MessageAuthor::Person);
                newest.is_some_and(|one| !rules.thread().has_read(one))
            });
            let Seen { done, deliveries } = rules.carry_out(act);
            let after = rules.owner();
            let (handovers, news): (Vec<DeliveredEvent>, Vec<DeliveredEvent>) =
                delivered(&deliveries).into_iter().partition(|one| is_handover(&one.2));
            if !done {
                prop_assert!(deliveries.is_empty(), "{act:?} was refused and yet {deliveries:?}");
                prop_assert_eq!(&before, &after, "a refusal changes nothing: {:?}", act);
                continue;
            }
            let (from, to) = (before.as_ref(), after.as_ref());
            prop_assert_eq!(
                sorted(handovers),
                sorted(settings.handovers(act, from, to)),
                "{:?} from {:?} to {:?}", act, from, to
            );
            let expected = match act {
                Action::Button => settings.tapped(&sender.unwrap(), to),
                _ if unread == Some(false) => Vec::new(),
                _ => settings.news(act, from, to, begun),
            };
            prop_assert_eq!(
                sorted(news),
                sorted(expected),
                "{:?} from {:?} to {:?}", act, from, to
            );
        }
    }

    #[test]
    fn a_payload_never_reaches_standby(settings in settings(), acts in actions()) {
        let mut rules = settings.rules();
        for act in &acts {
            for delivery in rules.carry_out(act).deliveries {
                let payload = item(&delivery)["postback"].get("payload").cloned();
                let on_standby = delivery.channel == handover_protocol::Channel::Standby;
                prop_assert!(payload.is_none() || !on_standby, "{delivery:?}");
            }
        }
    }

    #[test]
    fn apps_send_only_within_a_day_of_what_opens_the_window(
        settings in settings(),
        acts in actions(),
    ) {
        let mut rules = settings.rules();
        let mut opened = None;
        for act in &acts {
            let owner = rules.owner();
            let begun = rules.thread().messages().next().is_some();
            let seen = rules.carry_out(act);
            let now = rules.now.as_millis();
            match act {
                Action::Send(..) | Action::SendButton(_) if seen.done => {
                    let open = opened.is_some_and(|at| now - at < DAY);
                    prop_assert!(open, "{act:?} by {owner:?} got through");
                }
                Action::Say | Action::Reply | Action::Attach(_) | Action::GetStarted | Action::QuickReply
                | Action::Button | Action::React if seen.done => opened = Some(now),
                Action::OpenLink(_) if begun => opened = Some(now),
                _ => {}
            }
            let end = opened.map(|at| at + DAY).filter(|end| *end > now);
            let shown = rules.thread().window_until(rules.now);
            prop_assert_eq!(shown.map(Timestamp::as_millis), end, "{:?}", act);
        }
    }

    #[test]
    fn the_same_acts_have_the_same_consequences(settings in settings(), acts in actions()) {
        let (mut one, mut other) = (settings.rules(), settings.rules());
        for act in &acts {
            prop_assert_eq!(one.carry_out(act).deliveries, other.carry_out(act).deliveries);
        }
        prop_assert_eq!(one.platform.threads(), other.platform.threads());
    }

    #[test]
    fn settings_may_change_at_any_time(
        settings in settings(),
        others in settings(),
        acts in actions(),
    ) {
        let mut rules = settings.rules();
        let account = rules.account();
        for (index, act) in acts.iter().enumerate() {
            if index % 5 == 4 {
                let routing = match index % 2 {
                    0 => settings.routing.clone(),
                    _ => others.routing.clone(),
                };
                // The routing of the other product names an inbox that is not connected here.
                let now = rules.now;
                let owner = rules.owner();
                let routed = rules.platform.route(&account, routing.clone(), now);
                prop_assert!(routed.is_ok() || settings.product != others.product);
                prop_assert_eq!(rules.owner(), owner, "threads keep their owners");
                let delivered = routed.map_or_else(|_| Vec::new(), |step| delivered(&step.deliveries));
                let legacy = matches!(routing, Routing::Legacy { .. });
                prop_assert!(legacy || delivered.is_empty());
                rules.platform.set_behavior(others.behavior);
            }
            rules.carry_out(act);
        }
    }
}
