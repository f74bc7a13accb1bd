use std::collections::BTreeMap;
use std::ops::Deref;

use handover_protocol::{AppId, EventBody};

use super::{Context, FromEvent, Rejection};
use crate::state::Nothing;
use crate::trigger::{
    OnAppRoles, OnPassThreadControl, OnRequestThreadControl, OnTakeThreadControl, Trigger,
};

/// Triggers that tell of a change of owner.
pub trait ChangesOwner: Trigger {}
impl ChangesOwner for OnPassThreadControl {}
impl ChangesOwner for OnTakeThreadControl {}

/// The app that owned the thread before. The platform leaves it out when nobody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousOwner(pub AppId);

/// The app that owns the thread now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOwner(pub AppId);

/// The app that asks for the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestingApp(pub AppId);

macro_rules! app_extractors {
    ($($name:ident in $trigger:path: $($event:ident)|+ => $field:ident;)*) => {$(
        impl Deref for $name {
            type Target = AppId;

            fn deref(&self) -> &AppId {
                &self.0
            }
        }

        impl<E: $trigger> FromEvent<E> for $name {
            type State = Nothing;

            async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
                let app = match &context.received().event.body {
                    $(EventBody::$event(event) => event.$field.clone(),)+
                    _ => None,
                };
                app.map(Self).ok_or_else(|| {
                    Rejection::new(stringify!($name), concat!("the event has no `", stringify!($field), "`"))
                })
            }
        }
    )*};
}

/// Triggers that ask for the thread.
pub trait RequestsThread: Trigger {}
impl RequestsThread for OnRequestThreadControl {}

app_extractors! {
    PreviousOwner in ChangesOwner: PassThreadControl | TakeThreadControl => previous_owner_app_id;
    NewOwner in ChangesOwner: PassThreadControl | TakeThreadControl => new_owner_app_id;
    RequestingApp in RequestsThread: RequestThreadControl => requested_owner_app_id;
}

/// The roles of the Page's apps: `primary_receiver`, `secondary_receiver`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRoles(pub BTreeMap<AppId, Vec<String>>);

impl FromEvent<OnAppRoles> for AppRoles {
    type State = Nothing;

    async fn from_event(context: &Context, _: &Nothing) -> Result<Self, Rejection> {
        match &context.received().event.body {
            EventBody::AppRoles(app_roles) => Ok(Self(app_roles.roles.clone())),
            _ => Err(Rejection::new("AppRoles", "the event has none")),
        }
    }
}
