use handover::prelude::*;

#[on_message]
async fn gen(text: Text) -> String { text.0 }
//~      ^^^

fn main() { let _: handover::Routes = handover::routes![gen]; }
