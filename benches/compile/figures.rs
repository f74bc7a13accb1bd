//! All that is measured.

use std::ops::Index;

use crate::Result;
use crate::families::Family;
use crate::package::{Package, Program, Quantity};

/// A package per family, in the order of [`Family::ALL`].
pub(crate) struct Figures(Vec<Package>);

impl Figures {
    /// The families in turn and not one after the other, so that a busy minute of the machine hits
    /// all of them.
    pub(crate) fn measure(rounds: u32) -> Result<Self> {
        let mut packages = Vec::new();
        for family in Family::ALL {
            eprintln!("building the dependencies of {}", family.template().name);
            packages.push(Package::generate(family.template())?);
        }
        for round in 1..=rounds {
            eprintln!("measuring, round {round} of {rounds}");
            for quantity in Quantity::ALL {
                for package in &mut packages {
                    for program in Program::ALL {
                        package.measure(quantity, program)?;
                    }
                }
            }
        }
        Ok(Self(packages))
    }

    /// What a handler costs more than a plain function.
    pub(crate) fn over_plain(&self, family: Family, quantity: Quantity) -> f64 {
        self[family].per_handler(quantity) - self[Family::Plain].per_handler(quantity)
    }
}

impl Index<Family> for Figures {
    type Output = Package;

    fn index(&self, family: Family) -> &Package {
        &self.0[family as usize]
    }
}
