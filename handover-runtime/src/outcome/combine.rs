use super::{HandlerError, IntoOutcome, Outcome};
use crate::target::TargetApp;
use crate::trigger::Trigger;

impl<E: Trigger, T: IntoOutcome<E>> IntoOutcome<E> for Option<T> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        self.map_or_else(|| Ok(Outcome::nothing()), T::into_outcome)
    }
}

impl<E: Trigger, T: IntoOutcome<E>, F: Into<HandlerError>> IntoOutcome<E> for Result<T, F> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;

    fn into_outcome(self) -> Result<Outcome, HandlerError> {
        self.map_err(Into::into)?.into_outcome()
    }
}

impl<E: Trigger, T: IntoOutcome<E>> IntoOutcome<E> for Vec<T> {
    const HANDOFF: Option<TargetApp> = T::HANDOFF;

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
