use handover::prelude::*;

#[on_message]
async fn hat() -> Card {
//~               ^^^^
    Card::new("Hat").subtitle("$40")
}

fn main() { let _: handover::Routes = handover::routes![hat]; }
