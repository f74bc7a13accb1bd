//! Local simulator of Meta's Messenger Platform.
//!
//! It serves the Graph API to bots in any language and sends them signed webhooks. Its web page
//! shows the conversation, its owner and every request, and lets you write as the person and as the
//! agent in the Page Inbox. Nothing leaves the machine.
//!
//! * [`Simulator`] runs it, in a test or from the `handover-sim` command.
//! * [`local`] has the ids, secrets and ports of the simulator on a developer's machine.
//! * [`check`] compares the rules with a recording of what really happened.
//! * [`platform`] is the rules alone: a state machine without I/O and without a clock.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use handover_sim::{SimulatedApp, Simulator};
//!
//! let sim = Simulator::builder()
//!     .page("1744550565845823", "Kaffeehaus")
//!     .app(
//!         SimulatedApp::new("1517776481860111", "Live chat")
//!             .secret("app secret")
//!             .token("page access token")
//!             .webhook("http://127.0.0.1:8080/webhook")
//!             .verify_token("verify token"),
//!     )
//!     .address("127.0.0.1:0".parse()?)
//!     .start()
//!     .await?;
//! println!("GRAPH_API_URL={} for the bot, {} for you", sim.graph_url(), sim.page_url());
//! # Ok(())
//! # }
//! ```

pub mod check;
pub mod local;
pub mod platform;

mod inbox;
mod person;
mod server;
mod simulated_app;
mod simulator;
mod timed_out;

pub use inbox::Inbox;
pub use person::Person;
pub use server::{
    DeletionReceipt, Fault, FaultError, FaultOn, FaultRule, StartError, TimelineItem, TimelineKind,
    TimelineState,
};
pub use simulated_app::SimulatedApp;
pub use simulator::{Simulator, SimulatorBuilder};
pub use timed_out::TimedOut;

/// What a fuzzer runs with any bytes: see `fuzz/` in the repository.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz {
    pub use crate::server::fuzz::{control_api, graph_api};
}

/// Name of the person that exists when the simulator starts.
const FIRST_PERSON: &str = "Ana";
