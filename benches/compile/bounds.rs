//! What `handover` may cost at most.

use std::collections::BTreeSet;
use std::fmt;

use crate::Result;
use crate::families::Family;
use crate::figures::Figures;
use crate::package::Package;
use crate::package::Quantity::{Build, Check, Expansion};

pub(crate) struct Bound {
    what: &'static str,
    figure: f64,
    limit: f64,
}

impl Bound {
    pub(crate) fn is_held(&self) -> bool {
        self.figure <= self.limit
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_held() { "held" } else { "NOT HELD" };
        let Self {
            what,
            figure,
            limit,
        } = self;
        write!(f, "{verdict:8}  {what}: {figure:.2}, at most {limit}")
    }
}

pub(crate) fn of(figures: &Figures) -> Result<Vec<Bound>> {
    let handover = &figures[Family::Handover];
    let check = |family| figures.over_plain(family, Check);
    let build = |family| figures[family].per_handler(Build);
    Ok(vec![
        Bound {
            what: "check over plain, as a part of axum-debug-handler's",
            figure: check(Family::Handover) / check(Family::DebugHandler),
            limit: 0.6,
        },
        Bound {
            what: "check over plain, as a part of poise's",
            figure: check(Family::Handover) / check(Family::Poise),
            limit: 0.1,
        },
        Bound {
            what: "build, as a part of axum's",
            figure: build(Family::Handover) / build(Family::Axum),
            limit: 1.0,
        },
        Bound {
            what: "milliseconds of expansion",
            figure: handover.per_handler(Expansion),
            limit: 1.0,
        },
        Bound {
            what: "versions of syn that a user compiles",
            figure: syn_versions(handover)? as f64,
            limit: 1.0,
        },
        Bound {
            what: "dependencies of handover-macros",
            figure: macro_dependencies(handover)? as f64,
            limit: 3.0,
        },
    ])
}

fn syn_versions(handover: &Package) -> Result<usize> {
    let tree = handover.tree(&["--edges", "normal,build"])?;
    let versions: BTreeSet<_> = tree
        .iter()
        .filter_map(|line| line.strip_prefix("syn v")?.split(' ').next())
        .collect();
    Ok(versions.len())
}

fn macro_dependencies(handover: &Package) -> Result<usize> {
    let edges = ["--edges", "normal", "--depth", "1"];
    let tree = handover.tree(&[&["--package", "handover-macros"], &edges[..]].concat())?;
    Ok(tree.len() - 1)
}
