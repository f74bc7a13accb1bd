use handover::prelude::*;

#[on_message_edit]
async fn handler(argument: Captures) {
//~                        ^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
