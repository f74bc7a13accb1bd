use handover::prelude::*;

#[on_account_linking(status = "link")]
//~                           ^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
