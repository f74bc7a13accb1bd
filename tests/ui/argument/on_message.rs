use handover::prelude::*;

#[on_message]
async fn handler(argument: Metadata<String>) {
//~                        ^^^^^^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
