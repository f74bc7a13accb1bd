//! By what an event is recognised that comes again.

use handover_protocol::{AccountId, EventBody, Received};
use sha2::{Digest, Sha256};

/// The same for every delivery of the same event, and for no other one.
///
/// Only what a `mid` is the identity of is recognised by it: reactions, reads and edits carry the
/// `mid` of another event, and are recognised by their content.
pub(crate) fn key_of(received: &Received) -> String {
    let account = &received.account;
    match &received.event.body {
        EventBody::Echo(echo) => {
            if let Some(mid) = &echo.mid {
                return echo_key(account, mid);
            }
        }
        // A postback comes twice: on standby without its payload, and to whoever sent the button.
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
    let digest = Sha256::digest(format!("{account}/{channel}/{content}"));
    format!("sha256/{}", hex::encode(&digest[..16]))
}

fn mid_key(received: &Received, mid: &str) -> String {
    let Received {
        account, channel, ..
    } = received;
    let kind = received.event.body.kind();
    [account.as_str(), "/", channel.as_str(), "/", kind, "/", mid].concat()
}

/// By what the echo of a message is recognised. It may be known before it comes.
pub(crate) fn echo_key(account: &AccountId, mid: &str) -> String {
    [account.as_str(), "/echo/", mid].concat()
}
