use std::fmt;

const SHOWN: usize = 20;

/// What should not have happened.
#[derive(Debug, Default)]
pub(crate) struct Violations {
    found: Vec<String>,
    /// What may explain them.
    evidence: Vec<String>,
}

impl Violations {
    pub(crate) fn add(&mut self, violation: String) {
        self.found.push(violation);
    }

    /// Something that is shown below them.
    #[cfg(feature = "postgres")]
    pub(crate) fn explain(&mut self, evidence: String) {
        self.evidence.push(evidence);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.found.extend(more.found);
        self.evidence.extend(more.evidence);
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "violations: {}", self.found.len())?;
        for violation in self.found.iter().take(SHOWN) {
            write!(f, "\n  {violation}")?;
        }
        if let more @ 1.. = self.found.len().saturating_sub(SHOWN) {
            write!(f, "\n  and {more} more")?;
        }
        for evidence in &self.evidence {
            write!(f, "\n{evidence}")?;
        }
        Ok(())
    }
}
