use handover::prelude::*;

#[on_account_linking]
async fn handler(argument: Attachments) {
//~                        ^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
