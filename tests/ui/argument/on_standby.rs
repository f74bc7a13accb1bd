use handover::prelude::*;

#[on_standby]
async fn handler(argument: Captures) {
//~                        ^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
