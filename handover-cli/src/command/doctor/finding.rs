use std::fmt;

use handover::protocol::AccountId;
use serde::Serialize;

use crate::terminal::{BAD, BOLD, DIM, GOOD, WARN, paint};

/// Result of a check.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// Name of the check.
    pub(super) check: &'static str,
    /// The Page, where several are examined.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    pub(super) state: FindingState,
    pub(super) what: String,
    /// Why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'static str>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FindingState {
    Good,
    /// It works, but not as well as it should, or the result is unknown.
    Warning,
    Fault,
}

impl Finding {
    pub(super) fn good(check: &'static str, what: impl Into<String>) -> Self {
        Self {
            check,
            account: None,
            state: FindingState::Good,
            what: what.into(),
            why: None,
            fix: None,
        }
    }

    pub(super) fn fault(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            state: FindingState::Fault,
            why: Some(why),
            fix: Some(fix.into()),
            ..Self::good(check, what)
        }
    }

    pub(super) fn warning(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            state: FindingState::Warning,
            ..Self::fault(check, what, why, fix)
        }
    }
}

impl Finding {
    /// The platform was asked and refused, with this error.
    pub(super) fn refused(check: &'static str, error: String, fix: impl Into<String>) -> Self {
        Self::fault(check, error, "it could not be examined", fix)
    }

    /// Names the account that was examined.
    pub(super) fn about(self, account: Option<&AccountId>) -> Self {
        Self {
            account: account.cloned(),
            ..self
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (style, mark) = match self.state {
            FindingState::Good => (GOOD, "✓"),
            FindingState::Warning => (WARN, "!"),
            FindingState::Fault => (BAD, "✗"),
        };
        let check = format!("{:<13}", self.check);
        write!(f, "{} {} ", paint(style, mark), paint(BOLD, check))?;
        if let Some(account) = &self.account {
            write!(f, "Page {account}: ")?;
        }
        f.write_str(&self.what)?;
        let notes = [("why", self.why), ("fix", self.fix.as_deref())];
        for (label, text) in notes {
            if let Some(text) = text {
                write!(
                    f,
                    "\n                {} {text}",
                    paint(DIM, format_args!("{label}:"))
                )?;
            }
        }
        Ok(())
    }
}
