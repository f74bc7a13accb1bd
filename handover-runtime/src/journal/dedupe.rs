//! Dedupe keys of redelivered events.

use handover_protocol::{AccountId, EventBody, Received};
use sha2::{Digest, Sha256};

/// The same for every delivery of the same event, and for no other one.
///
/// Only what a `mid` is the identity of is recognised by it: reactions and reads carry the `mid` of
/// another event, and are recognised by their content.
pub(crate) fn key_of(received: &Received) -> String {
    let account = &received.account;
    match &received.event.body {
        // It has the `mid` of the message itself, and comes on whatever channel.
        body if let Some(deleted) = body.deleted_message() => {
            if let Some(mid) = &deleted.mid {
                return [account.as_str(), "/deleted/", mid].concat();
            }
        }
        EventBody::MessageEdit(edit) => {
            if let (Some(mid), Some(number)) = (&edit.mid, edit.num_edit) {
                return mid_key(received, &format!("{mid}/{number}"));
            }
        }
        // A comment on a boosted post comes twice, the second time with the ad in it.
        EventBody::Comments(comment) | EventBody::LiveComments(comment) => {
            if let Some(id) = &comment.id {
                let text = comment.text.as_deref().unwrap_or_default();
                return mid_key(received, &format!("{id}/{}", digest(text)));
            }
        }
        EventBody::Feed(feed) => {
            if let (Some("comment"), Some("add"), Some(id)) =
                (feed.item.as_deref(), feed.verb.as_deref(), &feed.comment_id)
            {
                return mid_key(received, id);
            }
        }
        EventBody::Echo(echo) => {
            if let Some(mid) = &echo.mid {
                return echo_key(account, mid);
            }
        }
        // A postback comes twice: on standby without its payload, and to the app that sent the button.
        EventBody::Message(message) => {
            if let Some(mid) = &message.mid {
                return mid_key(received, mid);
            }
        }
        EventBody::Postback(postback) => {
            if let Some(mid) = &postback.mid {
                return mid_key(received, mid);
            }
        }
        _ => {}
    }
    // Serializing into a `Value` puts the keys in order.
    let content = serde_json::to_value(&received.event).unwrap_or_default();
    let channel = received.channel;
    let mut identity = format!("{account}/{channel}/{content}");
    if let (EventBody::InboxLabels(_), Some(time)) = (&received.event.body, received.time) {
        // The event has no timestamp, and the same label may be added, removed and added again.
        identity = format!("{identity}/{}", time.as_millis());
    }
    format!("sha256/{}", digest(&identity))
}

/// The same for every delivery of a body that cannot be read.
pub(super) fn key_of_body(body: &[u8]) -> String {
    format!("unreadable/{}", digest(body))
}

fn digest(content: impl AsRef<[u8]>) -> String {
    hex::encode(&Sha256::digest(content)[..16])
}

fn mid_key(received: &Received, mid: &str) -> String {
    let Received {
        account, channel, ..
    } = received;
    let kind = received.event.body.kind();
    [account.as_str(), "/", channel.as_str(), "/", kind, "/", mid].concat()
}

/// Dedupe key of the echo of a message. Known before the echo arrives.
pub(crate) fn echo_key(account: &AccountId, mid: &str) -> String {
    [account.as_str(), "/echo/", mid].concat()
}
