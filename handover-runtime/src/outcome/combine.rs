use super::{HandlerError, IntoOutcome, Outcome};
use crate::target::TargetApp;
use crate::trigger::Trigger;

impl<E: Trigger, T: IntoOutcome<E>> IntoOutcome<E> for Option<T> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;
    const CAN_FAIL: bool = T::CAN_FAIL;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        self.map_or_else(|| Ok(Outcome::nothing()), T::into_outcome)
    }
}

/// The error of a `Result` that a handler returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "not an error that can be sent between threads",
    note = "write `Box<dyn Error + Send + Sync>` for a boxed error, or `handover::Result`; a type of your own has to implement `std::error::Error`, `Send` and `Sync`"
)]
pub trait IntoHandlerError: Into<HandlerError> {}

// Otherwise each trait that is missing is reported on its own.
#[diagnostic::do_not_recommend]
impl<F: Into<HandlerError>> IntoHandlerError for F {}

impl<E: Trigger, T: IntoOutcome<E>, F: IntoHandlerError> IntoOutcome<E> for Result<T, F> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        self.map_err(Into::into)?.into_outcome()
    }
}

impl<E: Trigger, T: IntoOutcome<E>> IntoOutcome<E> for Vec<T> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;
    const CAN_FAIL: bool = T::CAN_FAIL;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        let mut all = Outcome::nothing();
        for one in self {
            all.effects.extend(one.into_outcome()?.effects);
        }
        Ok(all)
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<E: Trigger, $($name: IntoOutcome<E>),+> IntoOutcome<E> for ($($name,)+) {
            const HANDOFF: Option<TargetApp> = {
                let mut handoff = None;
                $(if let Some(app) = $name::HANDOFF {
                    handoff = Some(app);
                })+
                handoff
            };
            const CAN_FAIL: bool = false $(|| $name::CAN_FAIL)+;

            fn into_outcome(self) -> Result<Outcome, HandlerError> {
                #[allow(non_snake_case, reason = "one name for the type and its value")]
                let ($($name,)+) = self;
                let mut all = Outcome::nothing();
                $(all.effects.extend($name.into_outcome()?.effects);)+
                Ok(all)
            }
        }
    )*};
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D F;
    A B C D F G;
}
