use handover::prelude::*;

#[on_message(page = 1744550565845823)]
//~                 ^^^^^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
