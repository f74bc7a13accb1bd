use std::ops::Deref;

use super::{Argument, Context, FromEvent, Rejection};
use crate::trigger::Trigger;

/// A part of the bot's state, cloned for this call. Wrap it in an `Arc` if cloning is expensive.
///
/// ```
/// use std::sync::Arc;
/// use handover_runtime::extract::State;
///
/// struct Prices { espresso: u32 }
///
/// async fn price(prices: State<Arc<Prices>>) -> String {
///     format!("{} cents", prices.espresso)
/// }
/// # let _ = price(State(Arc::new(Prices { espresso: 250 })));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State<T>(pub T);

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A part of the state that can be cloned for handlers on several threads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken as `State`",
    label = "not `Clone`, `Send` and `Sync`",
    note = "each call gets a clone on its own thread: take `State<Arc<…>>` for what cannot be cloned, `Arc<Mutex<…>>` in place of `Rc` and `RefCell`, and write `dyn Trait + Send + Sync` in an `Arc`"
)]
pub trait StatePart: Clone + Send + Sync + 'static {}

// Otherwise each missing trait is reported separately.
#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> StatePart for T {}

impl<E, T> FromEvent<E> for State<T>
where
    E: Trigger,
    T: StatePart,
{
    type State = T;

    const ARGUMENT: Argument = Argument::ALWAYS;

    async fn from_event(_: &Context, state: &T) -> Result<Self, Rejection> {
        Ok(Self(state.clone()))
    }
}
