//! Programs that were started.

use tokio::process::Child;

/// Asks a program to stop. Where it cannot be asked, it is ended: a bot's journal survives that.
pub(crate) fn ask_to_stop(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process};
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw) {
            // It may have ended already.
            let _ = kill_process(id, Signal::TERM);
        }
    }
    #[cfg(not(unix))]
    let _ = child.start_kill();
}
