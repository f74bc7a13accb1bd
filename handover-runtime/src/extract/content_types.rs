//! Content types of the platform as extractors, each in the handlers of its event.

use handover_protocol::{
    AccountLinking, Delivery, EventBody, Message, Optin, Postback, Reaction, Read, Referral,
};

use super::{Argument, Context, Rejection};

macro_rules! contents {
    ($($content:ident in $triggers:tt from $($event:ident)|+;)*) => {$(
        available_in!($triggers impl [] $content, Argument::ALWAYS, |context: &Context| {
            match &context.received().event.body {
                $(EventBody::$event(content) => Ok($content::clone(content)),)+
                _ => Err(Rejection::new(stringify!($content), "the event is another one")),
            }
        });
    )*};
}

contents! {
    Message in [OnMessage, OnEcho] from Message | Echo;
    Postback in [OnPostback] from Postback;
    Referral in [OnReferral] from Referral;
    Optin in [OnOptin] from Optin;
    AccountLinking in [OnAccountLinking] from AccountLinking;
    Reaction in [OnReaction] from Reaction;
    Read in [OnRead] from Read;
    Delivery in [OnDelivery] from Delivery;
}
