use std::collections::BTreeMap;
use std::ops::Deref;

use handover_protocol::{AppId, EventBody};

use super::{Argument, Context, Rejection};

/// The previous owner of the thread. The event has none if the thread was idle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousOwner(pub AppId);

/// The new owner of the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOwner(pub AppId);

/// The app that requests the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestingApp(pub AppId);

/// The roles of the Page's apps: `primary_receiver`, `secondary_receiver`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppRoles(pub BTreeMap<AppId, Vec<String>>);

macro_rules! app_extractors {
    ($($name:ident in $triggers:tt: $($event:ident)|+ => $field:ident;)*) => {$(
        impl Deref for $name {
            type Target = AppId;

            fn deref(&self) -> &AppId {
                &self.0
            }
        }

        available_in!($triggers impl [] $name, Argument::MAYBE, |context: &Context| {
            let app = match &context.received().event.body {
                $(EventBody::$event(event) => event.$field.clone(),)+
                _ => None,
            };
            let missing = concat!("the event has no `", stringify!($field), "`");
            app.map($name).ok_or_else(|| Rejection::new(stringify!($name), missing))
        });
    )*};
}

app_extractors! {
    PreviousOwner in [OnPassThreadControl, OnTakeThreadControl]:
        PassThreadControl | TakeThreadControl => previous_owner_app_id;
    NewOwner in [OnPassThreadControl, OnTakeThreadControl]:
        PassThreadControl | TakeThreadControl => new_owner_app_id;
    RequestingApp in [OnRequestThreadControl]: RequestThreadControl => requested_owner_app_id;
}

available_in!([OnAppRoles] impl [] AppRoles, Argument::ALWAYS, |context: &Context| {
    match &context.received().event.body {
        EventBody::AppRoles(app_roles) => Ok(AppRoles(app_roles.roles.clone())),
        _ => Err(Rejection::new("AppRoles", "the event has none")),
    }
});
