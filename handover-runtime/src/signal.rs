//! Signals: events of the bot's own business, such as an order that was shipped.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A type that is sent into a thread as a signal, and its name.
///
/// `#[derive(Signal)]` implements it. By default the name is the type's, in snake case: `OrderShipped`
/// is `order_shipped`. The name is what is stored and what other programs use, so give it when the
/// type is renamed: `#[handover(name = "order_shipped")]`.
///
/// ```
/// use handover_runtime::SignalData;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Shipped { order: u64 }
///
/// impl SignalData for Shipped {
///     const NAME: &str = "shipped";
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a signal",
    label = "has no name as a signal",
    note = "write `#[derive(Signal, serde::Serialize, serde::Deserialize)]` above `{Self}`"
)]
pub trait SignalData: SignalContent {
    /// The name under which it is stored. Each signal of a bot has another.
    const NAME: &'static str;
}

/// A type that a signal can carry: one that implements `Serialize` and `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored as a signal",
    label = "needs to be stored as JSON and read back",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` above `{Self}`"
)]
pub trait SignalContent: Serialize + DeserializeOwned + Send {}

// Otherwise each trait that is missing is reported on its own.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send> SignalContent for T {}

/// Whether JSON is the content of such a signal; or why not.
pub(crate) fn check<T: SignalData>(content: &Value) -> Result<(), String> {
    T::deserialize(content)
        .map(drop)
        .map_err(|error| error.to_string())
}
