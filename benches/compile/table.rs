//! The figures, family by family.

use crate::Result;
use crate::families::Family;
use crate::figures::Figures;
use crate::package::Quantity::{Build, Check, Expansion};
use crate::template::HANDLERS;

pub(crate) fn print(figures: &Figures) -> Result<()> {
    println!("Milliseconds per handler, of {HANDLERS}:\n");
    println!("| family             | check | over plain | build | over plain | expansion |");
    println!("|--------------------|------:|-----------:|------:|-----------:|----------:|");
    for family in Family::ALL {
        let package = &figures[family];
        println!(
            "| {:18} | {:5.1} | {:10.1} | {:5.1} | {:10.1} | {:9.2} |",
            family.template().name,
            package.per_handler(Check),
            figures.over_plain(family, Check),
            package.per_handler(Build),
            figures.over_plain(family, Build),
            package.per_handler(Expansion),
        );
    }
    println!();
    for family in Family::ALL {
        let tree = figures[family].tree(&["--edges", "normal", "--depth", "1"])?;
        if let [_, dependencies @ ..] = &tree[..]
            && !dependencies.is_empty()
        {
            println!("{}: {}", family.template().name, dependencies.join(", "));
        }
    }
    Ok(())
}
