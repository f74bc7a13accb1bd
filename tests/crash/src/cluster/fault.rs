//! What is done to the nodes and the server.

use super::proxy::Partition;

#[derive(Clone, Copy)]
pub(super) enum Fault {
    Kill,
    Failpoint(&'static str, u32),
    Freeze,
    Stop,
    RestartServer,
    CrashServer,
    CutConnections,
    Partition(Partition),
    /// Milliseconds by which the clock of a node is wrong from its next start on.
    Clock(i64),
    /// A node is replaced by one of another version of the tables: the next one, or the one before that.
    Version,
}

const FAILPOINTS: [(&str, u32); 8] = [
    ("journal.before_commit", 60),
    ("journal.after_commit", 60),
    ("webhook.before_answer", 30),
    ("handler.after", 40),
    ("settle.before", 40),
    ("send.before_call", 30),
    ("send.after_call", 30),
    ("send.before_record", 30),
];
/// The name of the fault that only nodes of two versions have.
pub(super) const VERSION: &str = "version";
const FIVE_MINUTES_MS: i64 = 5 * 60 * 1000;

impl Fault {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kill => "node killed",
            Self::Failpoint(..) => "node killed at a failpoint",
            Self::Freeze => "node frozen",
            Self::Stop => "node stopped",
            Self::RestartServer => "server restarted",
            Self::CrashServer => "server crashed",
            Self::CutConnections => "connections cut",
            Self::Partition(Partition::Both) => "node cut off",
            Self::Partition(Partition::ToServer) => "node not heard by the server",
            Self::Partition(_) => "server not heard by the node",
            Self::Clock(0) => "node restarted with the right clock",
            Self::Clock(_) => "node restarted with a clock that is 5 minutes off",
            Self::Version => "node replaced by one of another version",
        }
    }

    /// The next one; of this kind, if one is given.
    pub(super) fn choose(only: Option<&str>, rng: &mut fastrand::Rng) -> Self {
        if only == Some(VERSION) {
            return Self::Version;
        }
        let chosen = match only {
            Some("kill") => 0,
            Some("failpoint") => 20,
            Some("freeze") => 36,
            Some("stop") => 54,
            Some("restart-server") => 65,
            Some("crash-server") => 71,
            Some("cut") => 77,
            Some("partition") => 83,
            Some("clock") => 95,
            _ => rng.u32(..100),
        };
        match chosen {
            0..20 => Self::Kill,
            20..36 => {
                let (name, most) = FAILPOINTS[rng.usize(..FAILPOINTS.len())];
                Self::Failpoint(name, rng.u32(1..=most))
            }
            36..54 => Self::Freeze,
            54..65 => Self::Stop,
            65..71 => Self::RestartServer,
            71..77 => Self::CrashServer,
            77..83 => Self::CutConnections,
            83..95 => Self::Partition(
                [Partition::ToServer, Partition::ToNode, Partition::Both][rng.usize(..3)],
            ),
            _ => Self::Clock([FIVE_MINUTES_MS, -FIVE_MINUTES_MS, 0][rng.usize(..3)]),
        }
    }
}
