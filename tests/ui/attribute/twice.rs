use handover::prelude::*;

  #[on_message]
  #[on_message]
//~ ^^^^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
